// Layer norm, bias and GELU, dropout, gather and scatterAdd against double-precision loops.
#include "cases.h"
#include "plan.h"
#include "layer_norm.cuh"
#include "rows.cuh"

static void foldInto(float* target, float* parts, int count, int stride, int C) {
    LAUNCH(256, gridOf(ceilDivide(C, 32)), dim3(32, 8), 1024, foldColumns(parts, count, stride, target, C));
}

template <int VECTORS> void testNorm(int rows, int C, bool withDelta, float rate) {
    const std::string name = format("layer norm rows %d C %d%s%s", rows, C, withDelta ? " delta" : "", rate > 0 ? " drop" : "");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const size_t N = (size_t)rows * C;
    const float epsilon = 1e-5f;
    Floats x(N), weight(C), bias(C), mean(rows), rstd(rows), dX(N), dWeight(C), dBias(C), dBranch(C);
    Halves delta(N), out(N), dOut(N), dDelta(N);
    fillNormal(x, 3);
    for (Floats* b : {&weight, &bias, &dX, &dWeight, &dBias, &dBranch}) {
        fillNormal(*b);
    }
    fillNormal(delta);
    fillNormal(dOut);
    for (size_t i = 0; i < N; i++) {
        x[i] += 2;
    }
    const Dropout dropout = dropoutOf(rate, 5);
    Doubles rSum = copyOf(x), rOut(N), rMean(rows), rRstd(rows), rX = copyOf(dX), rDelta(N), rWeight = copyOf(dWeight), rBias = copyOf(dBias), rBranch = copyOf(dBranch);
    const bf16* deltaOrNull = withDelta ? delta.data() : nullptr;
    bf16* dDeltaOrNull = withDelta ? dDelta.data() : nullptr;
    LAUNCH(128, gridOf(ceilDivide(rows, 4)), dim3(128), 0,
           (addLayerNorm<VECTORS>(x.data(), deltaOrNull, weight.data(), bias.data(), epsilon, dropout, x.data(), out.data(), mean.data(), rstd.data(), rows, C)));
    for (int r = 0; r < rows; r++) {
        const size_t line = (size_t)r * C;
        double m = 0, variance = 0, a = 0, b = 0;
        for (int c = 0; c < C; c++) {
            rSum[line + c] += withDelta ? valueOf(delta[line + c]) * maskOf(dropout, r, c) : 0;
            m += rSum[line + c] / C;
        }
        for (int c = 0; c < C; c++) {
            variance += (rSum[line + c] - m) * (rSum[line + c] - m) / C;
        }
        rMean[r] = m;
        rRstd[r] = 1 / std::sqrt(variance + epsilon);
        for (int c = 0; c < C; c++) {
            const double n = (rSum[line + c] - m) * rRstd[r], g = valueOf(dOut[line + c]);
            rOut[line + c] = n * weight[c] + bias[c];
            rWeight[c] += g * n;
            rBias[c] += g;
            a += g * weight[c] / C;
            b += g * weight[c] * n / C;
        }
        for (int c = 0; c < C; c++) {
            const double n = (rSum[line + c] - m) * rRstd[r];
            rX[line + c] += (valueOf(dOut[line + c]) * weight[c] - a - n * b) * rRstd[r];
            rDelta[line + c] = rX[line + c] * maskOf(dropout, r, c);
            rBranch[c] += rDelta[line + c];
        }
    }
    test.whole("sum", rSum, x, 1e-6);
    test.whole("out", rOut, out, 4e-3);
    test.whole("mean", rMean, mean, 1e-5);
    test.whole("rstd", rRstd, rstd, 1e-5);
    const int each = 20, count = ceilDivide(rows, each), width = (withDelta ? 3 : 2) * C;
    Floats parts((size_t)count * width);
    LAUNCH(256, gridOf(count), dim3(wholeWarps(C / 8)), 512,
           layerNormBackward(dOut.data(), x.data(), weight.data(), mean.data(), rstd.data(), dX.data(), dDeltaOrNull, dropout, parts.data(), rows, C, each));
    foldInto(dWeight.data(), parts.data(), count, width, C);
    foldInto(dBias.data(), parts.data() + C, count, width, C);
    test.whole("dX", rX, dX, 1e-5);
    test.whole("dWeight", rWeight, dWeight, 1e-5);
    test.whole("dBias", rBias, dBias, 1e-5);
    if (withDelta) {
        foldInto(dBranch.data(), parts.data() + 2 * C, count, width, C);
        test.whole("dDelta", rDelta, dDelta, 4e-3);
        test.whole("dBranch", rBranch, dBranch, 1e-5);
    }
    test.expect(parts.isIntact(), "WRITTEN OUT OF BOUNDS");
}

static void testGelu(int rows, int C) {
    const std::string name = format("gelu rows %d C %d", rows, C);
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const size_t N = (size_t)rows * C;
    Halves pre(N), out(N), d(N), dropped(N);
    Floats bias(C), dBias(C);
    fillNormal(pre, 3);
    fillNormal(d);
    fillNormal(bias);
    fillNormal(dBias);
    pre[0] = toBf16(-60);
    pre[N - 1] = toBf16(90);
    Doubles rPre(N), rOut(N), rD(N), rBias = copyOf(dBias), rDropped(N);
    for (size_t i = 0; i < N; i++) {
        rPre[i] = valueOf(pre[i]) + bias[i % C];
    }
    const int each = 6;
    const dim3 grid = gridOf(ceilDivide(C, 8 * 64), ceilDivide(rows, each));
    LAUNCH(64, grid, dim3(64), 0, biasGelu(pre.data(), bias.data(), out.data(), rows, C, each));
    test.whole("pre", rPre, pre, 4e-3);
    for (size_t i = 0; i < N; i++) {
        const double x = valueOf(pre[i]), k = std::sqrt(2 / M_PI), t = std::tanh(k * (x + 0.044715 * x * x * x));
        rOut[i] = 0.5 * x * (1 + t);
        rD[i] = valueOf(d[i]) * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * k * (1 + 3 * 0.044715 * x * x));
        rBias[i % C] += rD[i];
    }
    Floats parts((size_t)grid.y * C);
    LAUNCH(64, grid, dim3(64), 0, biasGeluBackward(d.data(), pre.data(), d.data(), parts.data(), rows, C, each));
    foldInto(dBias.data(), parts.data(), grid.y, C, C);
    test.whole("out", rOut, out, 4e-3);
    test.whole("dPre", rD, d, 4e-3);
    test.whole("dBias", rBias, dBias, 1e-5);
    const Dropout dropout = dropoutOf(0.3f, 77);
    for (size_t i = 0; i < N; i++) {
        rDropped[i] = valueOf(out[i]) * maskOf(dropout, i / C, (int)(i % C));
    }
    LAUNCH(64, grid, dim3(64), 0, dropoutRows(out.data(), dropped.data(), dropout, rows, C, each));
    test.whole("dropout", rDropped, dropped, 4e-3);
}

static void testGather(int rows, int vocabulary, int C, float rate, int longest) {
    const std::string name = format("gather rows %d vocabulary %d C %d pieces of %d%s", rows, vocabulary, C, longest, rate > 0 ? " drop" : "");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    Floats table((size_t)vocabulary * C), out((size_t)rows * C), dOut((size_t)rows * C), dTable((size_t)vocabulary * C);
    fillNormal(table);
    fillNormal(dOut);
    fillNormal(dTable);
    std::vector<int> chosen(rows);
    for (int& id : chosen) {
        id = below(3) ? below(vocabulary) : 1;  // row 1 is a frequent one
    }
    Buffer<int> ids(chosen);
    Plan plan(chosen, vocabulary, longest, false);
    const Dropout dropout = dropoutOf(rate, 13);
    Doubles rOut((size_t)rows * C), rTable = copyOf(dTable);
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < C; c++) {
            const double mask = maskOf(dropout, r, c);
            rOut[(size_t)r * C + c] = mask * table[(size_t)ids[r] * C + c];
            rTable[(size_t)ids[r] * C + c] += mask * dOut[(size_t)r * C + c];
        }
    }
    LAUNCH(1024, gridOf(rows), dim3(wholeWarps(C / 8)), 0, gather(ids.data(), table.data(), dropout, out.data(), C));
    test.whole("out", rOut, out, 1e-6);
    Buffer<int> order(plan.order), start(plan.start), target(plan.target), splitStart(plan.splitStart), splitTarget(plan.splitTarget);
    Floats partial((size_t)plan.partials * C);
    const Pieces pieces{start.data(), target.data(), (int)target.n, 0};
    const Splits splits{splitStart.data(), splitTarget.data(), (int)splitTarget.n, 0};
    const unsigned threads = std::min(256u, wholeWarps(C / 4));
    LAUNCH(256, gridOf(pieces.count, ceilDivide(C / 4, threads)), dim3(threads), 0,
           scatterAdd(pieces, order.data(), dOut.data(), dropout, dTable.data(), partial.data(), C));
    if (splits.count) {
        LAUNCH(256, gridOf(splits.count, ceilDivide(C, 128)), dim3(32, 8), 4096, scatterAddFold(splits, partial.data(), dTable.data(), C));
    }
    test.whole("dTable", rTable, dTable, 1e-6);
    test.expect(partial.isIntact(), "WRITTEN OUT OF BOUNDS");
}

static Family family("rows", [] {
    testNorm<1>(1, 8, true, 0);
    testNorm<1>(7, 200, true, 0.2f);
    testNorm<1>(64, 256, false, 0);
    testNorm<2>(21, 512, false, 0);
    testNorm<3>(110, 768, true, 0.1f);
    testNorm<4>(33, 1024, true, 0);
    testNorm<5>(5, 1280, true, 0);
    testNorm<7>(41, 1600, true, 0.1f);
    testGelu(1, 8);
    testGelu(7, 200);
    testGelu(50, 3072);
    testGather(1, 3, 64, 0, 16);
    testGather(300, 40, 72, 0.2f, 5);
    testGather(300, 40, 72, 0, 1);
    testGather(513, 1000, 768, 0, 16);
    testGather(65, 2, 1600, 0, 4);
});
