// Attention of any width and in float32.
#include "attention_case.h"
#include "attention_any.cuh"

template <class Type, int SLICE> struct AnyWidth {
    typedef Type T;
    static constexpr const char* NAME = sizeof(T) == 2 ? " any bf16" : " any f32";
    static constexpr int PAD = 3, VARIANTS = 1;
    static void forward(const AttentionArgumentsOf<T>& a, int D, int P, int) {
        LAUNCH(256, gridOf(ceilDivide(a.length, 64), a.heads * ceilDivide(D, SLICE), a.batch), dim3(256), ANY_BYTES, (attentionForwardAny<T, SLICE>(a, D, P)));
    }
    static void backward(const AttentionArgumentsOf<T>& a, const AttentionGradientsOf<T>& d, int D, int P, int) {
        LAUNCH(256, gridOf(ceilDivide((size_t)a.batch * a.length * a.heads, 8)), dim3(256), 0, attentionDeltaAny(a, d, D));
        const dim3 grid = gridOf(ceilDivide(a.length, 64), a.heads * ceilDivide(std::max(D, P), SLICE), a.batch / d.samples);
        LAUNCH(256, grid, dim3(256), ANY_BYTES, (attentionBackwardAny<T, SLICE, true>(a, d, D, P)));
        LAUNCH(256, grid, dim3(256), ANY_BYTES, (attentionBackwardAny<T, SLICE, false>(a, d, D, P)));
    }
};

template <class T> void testType() {
    testAttention<AnyWidth<T, 64>>({1, 1, 1, 0, 1, 0, 0, 1, 0}, 1, 0);
    testAttention<AnyWidth<T, 64>>({2, 7, 3, 0, 0, 1, 0, 1, 0.15f}, 5, 0);
    testAttention<AnyWidth<T, 64>>({2, 150, 2, 0, 1, 1, 0, 1, 0.15f}, 64, 0);
    testAttention<AnyWidth<T, 64>>({4, 150, 1, 2, 0, 0, 0, 2, 0}, 48, 33);
    testAttention<AnyWidth<T, 64>>({4, 65, 2, 1, 1, 0, 1, 2, 0.1f}, 33, 64);
    testAttention<AnyWidth<T, 64>>({2, 129, 1, 1, 1, 1, 0, 1, 0}, 80, 80);   // two slices
    testAttention<AnyWidth<T, 128>>({2, 130, 1, 1, 1, 1, 0, 2, 0.1f}, 128, 100);
    testAttention<AnyWidth<T, 128>>({1, 66, 1, 0, 0, 0, 0, 1, 0}, 200, 0);
}

static Family family("any attention", [] {
    testType<float>();
#ifndef FAULTS
    testType<bf16>();
#endif
});
