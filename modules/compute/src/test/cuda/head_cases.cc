// Rotation, product and sum of head vectors and position vectors against double-precision loops.
#include "cases.h"
#include "attention_backward.cuh"
#include "heads.cuh"

template <class T> void testHeads(int rows, int H, int D, int P, bool sharedHeads, int pad) {
    const std::string name = format("heads %s rows %d H%d D%d positions %d%s pad %d", sizeof(T) == 2 ? "bf16" : "f32", rows, H, D, P, sharedHeads ? " one-head" : "", pad);
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const int stride = H * D + pad, peHeads = sharedHeads ? 1 : H, peStride = peHeads * D + pad, peHead = sharedHeads ? 0 : D;
    Buffer<T> x((size_t)rows * stride), pe((size_t)P * peStride), dOut((size_t)rows * stride), product((size_t)rows * stride), sum((size_t)rows * stride);
    Floats dProduct((size_t)P * peHeads * D), dSum(dProduct.n);
    for (Buffer<T>* b : {&x, &pe, &dOut, &product, &sum}) {
        fillNormal(*b);
    }
    fillNormal(dProduct);
    fillNormal(dSum);
    Doubles rProduct = copyOf(product), rSum = copyOf(sum), rDProduct = copyOf(dProduct), rDSum = copyOf(dSum);
    for (int r = 0; r < rows; r++) {
        for (int i = 0; i < H * D; i++) {
            const size_t at = (size_t)r * stride + i;
            const int place = i / D * peHead + i % D;
            const double position = valueOf(pe[(size_t)(r % P) * peStride + place]);
            rProduct[at] = valueOf(x[at]) * position;
            rSum[at] = valueOf(x[at]) + position;
            rDProduct[(size_t)(r % P) * peHeads * D + place] += valueOf(dOut[at]) * valueOf(x[at]);
            rDSum[(size_t)(r % P) * peHeads * D + place] += valueOf(dOut[at]);
        }
    }
    const double limit = sizeof(T) == 2 ? 4e-3 : 1e-6;
    const HeadsOf<T> X{x.data(), stride, D}, PE{pe.data(), peStride, peHead}, dOuts{dOut.data(), stride, D};
    const HeadsTo<T> products{product.data(), stride, D}, sums{sum.data(), stride, D};
    auto gridFor = [&](int count) { return ceilDivide((size_t)count * H * ceilDivide(D, 8), 64); };
    LAUNCH(64, gridOf(gridFor(rows)), dim3(64), 0, (combineHeads<T, true>(X, rows, H, D, PE, P, products)));
    LAUNCH(64, gridOf(gridFor(rows)), dim3(64), 0, (combineHeads<T, false>(X, rows, H, D, PE, P, sums)));
    test.whole("product", rProduct, product, limit);
    test.whole("sum", rSum, sum, limit);
    const int each = 3, slices = ceilDivide(ceilDivide(rows, P), each);
    Floats parts((size_t)slices * P * H * D);
    auto fold = [&](Floats& target) {
        float *from = parts.data(), *to = target.data();
        LAUNCH(64, gridOf(ceilDivide(target.n, 64)), dim3(64), 0, positionFold(from, slices, P, H, D, to, peHeads * D, peHead));
    };
    LAUNCH(64, gridOf(gridFor(P), slices), dim3(64), 0, (sumHeads<T, true>(dOuts, X, rows, H, D, P, each, parts.data())));
    fold(dProduct);
    LAUNCH(64, gridOf(gridFor(P), slices), dim3(64), 0, (sumHeads<T, false>(dOuts, dOuts, rows, H, D, P, each, parts.data())));
    fold(dSum);
    test.whole("dPe of the product", rDProduct, dProduct, 1e-5);
    test.whole("dPe of the sum", rDSum, dSum, 1e-5);
    test.expect(parts.isIntact(), "WRITTEN OUT OF BOUNDS");
    if (D % 2) {
        return;
    }
    for (int perHead = 0; perHead < 2; perHead++) {
        const size_t width = (size_t)(perHead ? H : 1) * (D / 2);
        Floats sine(P * width), cosine(P * width);
        for (size_t i = 0; i < sine.n; i++) {
            const float angle = 3 * normal();
            sine[i] = std::sin(angle);
            cosine[i] = std::cos(angle);
        }
        Doubles rTurned = copyOf(product), rBack = copyOf(x);
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < H * D; i += 2) {
                const size_t at = (size_t)r * stride + i, angle = r % P * width + (perHead ? i / 2 : i % D / 2);
                rTurned[at] = valueOf(x[at]) * cosine[angle] - valueOf(x[at + 1]) * sine[angle];
                rTurned[at + 1] = valueOf(x[at + 1]) * cosine[angle] + valueOf(x[at]) * sine[angle];
            }
        }
        Buffer<T> back(x.n);
        std::copy(x.data(), x.data() + x.n, back.data());
        const HeadsOf<T> turned{product.data(), stride, D};
        const HeadsTo<T> backs{back.data(), stride, D};
        LAUNCH(64, gridOf(gridFor(rows)), dim3(64), 0, rotary(X, rows, H, D, sine.data(), cosine.data(), P, perHead, 0, products));
        test.whole("rotated", rTurned, product, limit);
        LAUNCH(64, gridOf(gridFor(rows)), dim3(64), 0, rotary(turned, rows, H, D, sine.data(), cosine.data(), P, perHead, 1, backs));
        test.whole("turned back", rBack, back, limit);
    }
}

template <class T> void testType() {
    testHeads<T>(1, 1, 2, 1, false, 0);
    testHeads<T>(37, 3, 64, 5, false, 8);
    testHeads<T>(70, 2, 6, 35, true, 3);
    testHeads<T>(19, 4, 13, 2, false, 1);
    testHeads<T>(40, 12, 64, 40, true, 0);
    testHeads<T>(3, 2, 80, 7, false, 0);
}

static Family family("heads", [] {
    testType<float>();
    testType<bf16>();
});
