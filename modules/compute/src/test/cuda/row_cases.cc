// Layer norm, bias and GELU, dropout, rows by number, shared rows and elementwise kernels against double-precision loops.
#include "cases.h"
#include "plan.h"
#include "layer_norm.cuh"
#include "rows.cuh"

static void foldInto(float* target, float* parts, int count, int stride, int C) {
    LAUNCH(256, gridOf(ceilDivide(C, 32)), dim3(32, 8), 1024, foldColumns(parts, count, stride, target, C));
}

// Rounding of what is stored: none to speak of in float32.
template <class T> constexpr double LIMIT = sizeof(T) == 2 ? 4e-3 : 1e-6;
template <class T> const char* typeOf() { return sizeof(T) == 2 ? "bf16" : "f32"; }

// X: the residual stream, T: the branches. Not accumulating, dX is dOut where the types agree.
template <class X, class T, int VECTORS> void testNorm(int rows, int C, bool withDelta, float rate, bool accumulate = true) {
    const std::string name = format("layer norm %s %s rows %d C %d vectors %d%s%s%s", typeOf<X>(), typeOf<T>(), rows, C, VECTORS, withDelta ? " delta" : "",
                                    rate > 0 ? " drop" : "", accumulate ? "" : " written over");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const size_t N = (size_t)rows * C;
    const float epsilon = 1e-5f;
    Floats weight(C), bias(C), mean(rows), rstd(rows), dWeight(C), dBias(C), dBranch(C);
    Buffer<X> x(N), dX(N);
    Buffer<T> delta(N), out(N), dOut(N), dDelta(N);
    for (Floats* b : {&weight, &bias, &dWeight, &dBias, &dBranch}) {
        fillNormal(*b);
    }
    fillNormal(x, 3);
    fillNormal(dX);
    fillNormal(delta);
    fillNormal(dOut);
    for (size_t i = 0; i < N; i++) {
        fromFloat(toFloat(x[i]) + 2, x[i]);
    }
    const Dropout dropout = dropoutOf(rate, 5);
    Doubles rSum = copyOf(x), rOut(N), rMean(rows), rRstd(rows), rX = copyOf(dX), rDelta(N), rWeight = copyOf(dWeight), rBias = copyOf(dBias), rBranch = copyOf(dBranch);
    const T* deltaOrNull = withDelta ? delta.data() : nullptr;
    T* dDeltaOrNull = withDelta ? dDelta.data() : nullptr;
    LAUNCH(128, gridOf(ceilDivide(rows, 4)), dim3(128), 0,
           (addLayerNorm<X, T, VECTORS>(x.data(), deltaOrNull, weight.data(), bias.data(), epsilon, dropout, x.data(), out.data(), mean.data(), rstd.data(), rows, C)));
    for (size_t i = 0; i < N; i++) {
        rSum[i] += withDelta ? valueOf(delta[i]) * maskOf(dropout, i / C, (int)(i % C)) : 0;
        rX[i] = accumulate ? rX[i] : 0;
    }
    test.whole("sum", rSum, x, LIMIT<X>);
    for (int r = 0; r < rows; r++) {
        const size_t line = (size_t)r * C;
        double m = 0, variance = 0, a = 0, b = 0;
        for (int c = 0; c < C; c++) {
            m += valueOf(x[line + c]) / C;  // the rounded sum, as the backward pass
        }
        for (int c = 0; c < C; c++) {
            variance += (valueOf(x[line + c]) - m) * (valueOf(x[line + c]) - m) / C;
        }
        rMean[r] = m;
        rRstd[r] = 1 / std::sqrt(variance + epsilon);
        for (int c = 0; c < C; c++) {
            const double n = (valueOf(x[line + c]) - m) * rRstd[r], g = valueOf(dOut[line + c]);
            rOut[line + c] = n * weight[c] + bias[c];
            rWeight[c] += g * n;
            rBias[c] += g;
            a += g * weight[c] / C;
            b += g * weight[c] * n / C;
        }
        for (int c = 0; c < C; c++) {
            const double n = (valueOf(x[line + c]) - m) * rRstd[r];
            rX[line + c] += (valueOf(dOut[line + c]) * weight[c] - a - n * b) * rRstd[r];
            rDelta[line + c] = rX[line + c] * maskOf(dropout, r, c);
            rBranch[c] += rDelta[line + c];
        }
    }
    test.whole("out", rOut, out, sizeof(T) == 2 ? 4e-3 : 1e-5, 1e-2);
    test.whole("mean", rMean, mean, 1e-5);
    test.whole("rstd", rRstd, rstd, 1e-5);
    const int each = 20, count = ceilDivide(rows, each), width = (withDelta ? 3 : 2) * C;
    Floats parts((size_t)count * width);
    X* written = dX.data();
    if constexpr (sizeof(X) == sizeof(T)) {
        written = accumulate ? written : dOut.data();
    }
    LAUNCH(256, gridOf(count), dim3(wholeWarps(ceilDivide(C, 8))), 512,
           layerNormBackward(dOut.data(), x.data(), weight.data(), mean.data(), rstd.data(), written, accumulate, dDeltaOrNull, dropout, parts.data(), rows, C, each));
    foldInto(dWeight.data(), parts.data(), count, width, C);
    foldInto(dBias.data(), parts.data() + C, count, width, C);
    test.compare("dX", rX, [&](size_t i) { return valueOf(written[i]); }, sizeof(X) == 2 ? 4e-3 : 1e-5, C == 1 ? 1 : 0);
    test.whole("dWeight", rWeight, dWeight, 1e-5);
    test.whole("dBias", rBias, dBias, 1e-5);
    if (withDelta) {
        foldInto(dBranch.data(), parts.data() + 2 * C, count, width, C);
        test.whole("dDelta", rDelta, dDelta, sizeof(T) == 2 ? 4e-3 : 1e-5);
        test.whole("dBranch", rBranch, dBranch, 1e-5);
    }
    test.expect(parts.isIntact() && dX.isIntact() && dOut.isIntact(), "WRITTEN OUT OF BOUNDS");
}

// gelu and its derivative.
static void geluOf(bool exact, double x, double& value, double& slope) {
    if (exact) {
        const double gate = 0.5 * std::erfc(-x / std::sqrt(2.0));
        value = x * gate;
        slope = gate + x * std::exp(-x * x / 2) / std::sqrt(2 * M_PI);
    } else {
        const double k = std::sqrt(2 / M_PI), t = std::tanh(k * (x + 0.044715 * x * x * x));
        value = 0.5 * x * (1 + t);
        slope = 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * k * (1 + 3 * 0.044715 * x * x);
    }
}

template <class T, bool EXACT> void testGelu(int rows, int C) {
    const std::string name = format("gelu %s %s rows %d C %d", EXACT ? "exact" : "tanh", typeOf<T>(), rows, C);
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const size_t N = (size_t)rows * C;
    Buffer<T> pre(N), out(N), d(N), flat(N), flatBack(N);
    Floats bias(C), dBias(C);
    fillNormal(pre, 3);
    fillNormal(d);
    fillNormal(bias);
    fillNormal(dBias);
    fromFloat(-60, pre[0]);
    fromFloat(90, pre[N - 1]);
    Doubles rPre(N), rOut(N), rD(N), rBias = copyOf(dBias);
    for (size_t i = 0; i < N; i++) {
        rPre[i] = valueOf(pre[i]) + bias[i % C];
    }
    const int each = 6;
    const dim3 grid = gridOf(ceilDivide(C, 8 * 64), ceilDivide(rows, each));
    LAUNCH(64, grid, dim3(64), 0, (biasGelu<T, EXACT>(pre.data(), bias.data(), out.data(), rows, C, each)));
    test.whole("pre", rPre, pre, LIMIT<T>);
    for (size_t i = 0; i < N; i++) {
        double slope;
        geluOf(EXACT, valueOf(pre[i]), rOut[i], slope);
        rD[i] = valueOf(d[i]) * slope;
        rBias[i % C] += rD[i];
    }
    const dim3 flatGrid = gridOf(ceilDivide(N, 8 * 64));
    LAUNCH(64, flatGrid, dim3(64), 0, (gelu<T, EXACT>(pre.data(), flat.data(), N)));
    LAUNCH(64, flatGrid, dim3(64), 0, (geluBackward<T, EXACT>(pre.data(), d.data(), flatBack.data(), N)));
    Floats parts((size_t)grid.y * C);
    LAUNCH(64, grid, dim3(64), 0, (biasGeluBackward<T, EXACT>(d.data(), pre.data(), d.data(), parts.data(), rows, C, each)));
    foldInto(dBias.data(), parts.data(), grid.y, C, C);
    const double limit = sizeof(T) == 2 ? 4e-3 : 3e-6;  // a card's exponential is good for about 22 bits
    test.whole("out", rOut, out, limit);
    test.whole("alone", rOut, flat, limit);
    test.whole("dPre", rD, d, limit);
    test.whole("backward alone", rD, flatBack, limit);
    test.whole("dBias", rBias, dBias, 1e-5);
}

template <class T> void testRows(int rows, int C, int P) {
    const std::string name = format("rows %s %d x %d table of %d", typeOf<T>(), rows, C, P);
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const size_t N = (size_t)rows * C;
    Buffer<T> x(N), sum(N), narrowSum(N), dropped(N), narrow((size_t)P * C);
    Floats table((size_t)P * C), dTable((size_t)P * C);
    fillNormal(x);
    fillNormal(table);
    fillNormal(narrow);
    fillNormal(dTable);
    const Dropout dropout = dropoutOf(0.3f, 77);
    const int group = rows % 5 == 0 ? 5 : 1;
    Floats factors(rows / group);
    fillNormal(factors);
    Buffer<T> scaled(N);
    Buffer<bf16> scaledHalves(N);
    Doubles rScaled(N);
    Doubles rSum(N), rNarrow(N), rDropped(N), rTable = copyOf(dTable);
    for (size_t i = 0; i < N; i++) {
        const size_t at = i / C % P * C + i % C;
        rSum[i] = valueOf(x[i]) + table[at];
        rNarrow[i] = valueOf(x[i]) + valueOf(narrow[at]);
        rScaled[i] = valueOf(x[i]) * factors[i / C / group];
        rDropped[i] = valueOf(x[i]) * maskOf(dropout, i / C, (int)(i % C));
        rTable[at] += valueOf(x[i]);
    }
    const int each = 6;
    const dim3 grid = gridOf(ceilDivide(C, 8 * 64), ceilDivide(rows, each));
    LAUNCH(64, grid, dim3(64), 0, addRows(x.data(), table.data(), sum.data(), rows, C, P, each));
    LAUNCH(64, grid, dim3(64), 0, addRows(x.data(), narrow.data(), narrowSum.data(), rows, C, P, each));
    LAUNCH(64, grid, dim3(64), 0, dropoutRows(x.data(), dropped.data(), dropout, rows, C, each));
    LAUNCH(64, grid, dim3(64), 0, scaleRows(x.data(), factors.data(), scaled.data(), rows, C, group, each));
    LAUNCH(64, grid, dim3(64), 0, scaleRows(x.data(), factors.data(), scaledHalves.data(), rows, C, group, each));
    const int slices = ceilDivide(ceilDivide(rows, P), each);
    Floats parts((size_t)slices * P * C);
    LAUNCH(64, gridOf(grid.x, P, slices), dim3(64), 0, sumRows(x.data(), parts.data(), rows, C, P, each));
    foldInto(dTable.data(), parts.data(), slices, P * C, P * C);
    test.whole("sum", rSum, sum, LIMIT<T>);
    test.whole("sum of one type", rNarrow, narrowSum, LIMIT<T>);
    test.whole("dropout", rDropped, dropped, LIMIT<T>);
    test.whole("scaled", rScaled, scaled, LIMIT<T>);
    test.whole("scaled to bf16", rScaled, scaledHalves, 4e-3);
    test.whole("dTable", rTable, dTable, 1e-5);
    test.expect(parts.isIntact(), "WRITTEN OUT OF BOUNDS");
}

template <class Table, class T> void testGather(int rows, int vocabulary, int C, float rate, int longest, bool accumulate = false) {
    const std::string name = format("gather %s %s rows %d vocabulary %d C %d pieces of %d%s%s", typeOf<Table>(), typeOf<T>(), rows, vocabulary, C, longest,
                                    rate > 0 ? " drop" : "", accumulate ? " accumulated" : "");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    Buffer<Table> table((size_t)vocabulary * C), dTable((size_t)vocabulary * C);
    Buffer<T> out((size_t)rows * C), dOut((size_t)rows * C);
    fillNormal(table);
    fillNormal(out);
    fillNormal(dOut);
    fillNormal(dTable);
    std::vector<int> chosen(rows);
    for (int& id : chosen) {
        id = below(3) ? below(vocabulary) : 1;  // row 1 is a frequent one
    }
    Buffer<int> ids(chosen);
    Plan plan(chosen, vocabulary, longest, false);
    const Dropout dropout = dropoutOf(rate, 13);
    Doubles rOut = copyOf(out), rTable = copyOf(dTable);
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < C; c++) {
            const double mask = maskOf(dropout, r, c);
            const size_t at = (size_t)r * C + c;
            rOut[at] = (accumulate ? rOut[at] : 0) + mask * valueOf(table[(size_t)ids[r] * C + c]);
            rTable[(size_t)ids[r] * C + c] += mask * valueOf(dOut[at]);
        }
    }
    LAUNCH(1024, gridOf(rows), dim3(std::min(256u, wholeWarps(ceilDivide(C, 8)))), 0, gather(ids.data(), table.data(), dropout, accumulate, out.data(), C));
    test.whole("out", rOut, out, LIMIT<T>);
    Buffer<int> order(plan.order), start(plan.start), target(plan.target), splitStart(plan.splitStart), splitTarget(plan.splitTarget);
    Floats partial((size_t)plan.partials * C);
    const Pieces pieces{start.data(), target.data(), (int)target.n, 0};
    const Splits splits{splitStart.data(), splitTarget.data(), (int)splitTarget.n, 0};
    const unsigned threads = std::min(256u, wholeWarps(ceilDivide(C, 4)));
    LAUNCH(256, gridOf(pieces.count, ceilDivide(ceilDivide(C, 4), threads)), dim3(threads), 0,
           scatterAdd(pieces, order.data(), dOut.data(), dropout, dTable.data(), partial.data(), C));
    if (splits.count) {
        LAUNCH(256, gridOf(splits.count, ceilDivide(C, 128)), dim3(32, 8), 4096, scatterAddFold(splits, partial.data(), dTable.data(), C));
    }
    test.whole("dTable", rTable, dTable, LIMIT<Table>);
    test.expect(partial.isIntact(), "WRITTEN OUT OF BOUNDS");
}

// All elementwise kernels on n numbers from number `offset` of their tensors on.
template <class T> void testElements(size_t n, size_t offset) {
    const std::string name = format("elements %s n %zu from %zu", typeOf<T>(), n, offset);
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const size_t all = n + 2 * offset;
    Buffer<T> a(all), b(all), sum(all), target(all), scaled(all), filled(all);
    Halves halves(all);
    Floats singles(all), coefficient(std::vector<float>{-0.75f});
    fillNormal(a);
    fillNormal(b);
    for (Buffer<T>* buffer : {&sum, &target, &scaled, &filled}) {
        fillNormal(*buffer);
    }
    fillNormal(halves);
    fillNormal(singles);
    Doubles rSum = copyOf(sum), rTarget = copyOf(target), rScaled = copyOf(scaled), rFilled = copyOf(filled), rHalves = copyOf(halves), rSingles = copyOf(singles);
    for (size_t i = offset; i < offset + n; i++) {
        rSum[i] = valueOf(a[i]) + valueOf(b[i]);
        rTarget[i] += 0.3 * valueOf(a[i]);
        rScaled[i] *= 3 * -0.75;
        rFilled[i] = 2.5;
        rHalves[i] = rSingles[i] = valueOf(a[i]);
    }
    const dim3 grid = gridOf(ceilDivide(n, 8 * 64));
    const T *A = a.data() + offset, *B = b.data() + offset;
    LAUNCH(64, grid, dim3(64), 0, add(A, B, sum.data() + offset, n));
    LAUNCH(64, grid, dim3(64), 0, axpy(0.3f, A, target.data() + offset, n));
    LAUNCH(64, grid, dim3(64), 0, scale(scaled.data() + offset, n, 3.f, coefficient.data()));
    LAUNCH(64, grid, dim3(64), 0, fill(filled.data() + offset, n, 2.5f));
    LAUNCH(64, grid, dim3(64), 0, convert(A, halves.data() + offset, n));
    LAUNCH(64, grid, dim3(64), 0, convert(A, singles.data() + offset, n));
    test.whole("add", rSum, sum, LIMIT<T>);
    test.whole("axpy", rTarget, target, LIMIT<T>);
    test.whole("scale", rScaled, scaled, LIMIT<T>);
    test.whole("fill", rFilled, filled, 0);
    test.whole("to bf16", rHalves, halves, 4e-3);
    test.whole("to f32", rSingles, singles, 0);
    bool rounded = true;
    for (size_t i = offset; i < offset + n; i++) {
        rounded &= halves[i] == toBf16(toFloat(a[i]));
    }
    test.expect(rounded, "NOT ROUNDED TO THE NEAREST");
}

// Angles as learned frequencies make them, from near 0 to far beyond a turn.
static void testSinCos(int n) {
    const std::string name = format("sine and cosine %d", n);
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    Floats angles(n), sin(n), cos(n);
    fillNormal(angles);
    Doubles rSin(n), rCos(n);
    for (int i = 0; i < n; i++) {
        angles[i] *= i % 3 == 0 ? 1.f : 80.f;
        rSin[i] = std::sin((double)angles[i]);
        rCos[i] = std::cos((double)angles[i]);
    }
    LAUNCH(64, gridOf(ceilDivide(n, 8 * 64)), dim3(64), 0, sinCos(angles.data(), sin.data(), cos.data(), n));
    test.whole("sine", rSin, sin, 1e-6);
    test.whole("cosine", rCos, cos, 1e-6);
}

template <class T> void testType() {
    testNorm<float, T, 1>(1, 8, true, 0);
    testNorm<float, T, 1>(7, 200, true, 0.2f);
    testNorm<float, T, 2>(41, 261, true, 0.1f);
    testNorm<float, T, 3>(110, 768, true, 0.1f);
    testNorm<T, T, 2>(21, 512, false, 0);
    testNorm<T, T, 1>(45, 77, false, 0, false);
    testNorm<T, T, 0>(23, 613, true, 0.1f);
    testNorm<T, T, 0>(3, 1, false, 0, false);
    testGelu<T, false>(7, 200);
    testGelu<T, false>(15, 1033);
    testGelu<T, true>(1, 8);
    testGelu<T, true>(15, 1033);
    testRows<T>(1, 1, 1);
    testRows<T>(37, 520, 1);
    testRows<T>(61, 1035, 4);
    testRows<T>(5, 24, 9);
    testRows<T>(60, 40, 3);
    testGather<float, T>(1, 3, 64, 0, 16);
    testGather<float, T>(300, 40, 72, 0.2f, 5);
    testGather<float, T>(301, 40, 133, 0, 1, true);
    testGather<T, T>(65, 2, 1603, 0, 4);
    for (size_t offset : {0, 3, 8}) {
        testElements<T>(1, offset);
        testElements<T>(1031, offset);
        testElements<T>(1536, offset);
    }
}

static Family family("rows", [] {
    testType<float>();
    testType<bf16>();
    testSinCos(1);
    testSinCos(1031);
    testNorm<float, bf16, 1>(64, 256, false, 0);
    testNorm<float, bf16, 4>(33, 1024, true, 0);
    testNorm<float, bf16, 5>(5, 1280, true, 0);
    testNorm<float, bf16, 7>(41, 1600, true, 0.1f);
    testGelu<bf16, false>(50, 3072);
    testGather<float, float>(513, 1000, 768, 0, 16);
    testGather<float, float>(65, 2, 1600, 0, 4);
});
