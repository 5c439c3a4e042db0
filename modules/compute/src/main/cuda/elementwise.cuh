// Passes over all elements of a tensor: Device.fill, copy with a change of precision, axpy, scale, add, gelu and its backward.
//
// A thread has 8 neighbouring elements. Tensors may have any size and begin anywhere. Launch of all: grid ceil(n / 8 / 256), 256 threads.
#pragma once
#include "common.cuh"

// out_i = of(a_i, b_i); b may be null, and is then 0. out may be a or b.
template <class A, class B, class Out, class F> DEVICE void combine(const A* a, const B* b, Out* out, size_t n, F&& of) {
    const size_t first = 8 * (blockIdx.x * (size_t)blockDim.x + threadIdx.x);
    if (first >= n) {
        return;
    }
    const int count = n - first < 8 ? (int)(n - first) : 8;
    float x[8], y[8] = {};
    readSome(a + first, count, x);
    if (b) {
        readSome(b + first, count, y);
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
        x[i] = of(x[i], y[i]);
    }
    writeSome(out + first, count, x);
}

template <class T> DEVICE void fill(T* x, size_t n, float value) {
    const size_t first = 8 * (blockIdx.x * (size_t)blockDim.x + threadIdx.x);
    const float values[8] = {value, value, value, value, value, value, value, value};
    if (first < n) {
        writeSome(x + first, n - first < 8 ? (int)(n - first) : 8, values);
    }
}

// Rounds to the nearest where To is the smaller one.
template <class From, class To> DEVICE void convert(const From* from, To* to, size_t n) {
    combine(from, (const From*)nullptr, to, n, [](float x, float) { return x; });
}

template <class T> DEVICE void axpy(float alpha, const T* x, T* target, size_t n) {
    combine(x, target, target, n, [=](float a, float b) { return b + alpha * a; });
}

// x *= alpha, and *coefficient where it is not null: Device.clip knows its factor on the device only.
template <class T> DEVICE void scale(T* x, size_t n, float alpha, const float* coefficient) {
    const float factor = coefficient ? alpha * *coefficient : alpha;
    combine(x, (const T*)nullptr, x, n, [=](float a, float) { return a * factor; });
}

// b may have the lower precision: what a branch adds to the residual stream.
template <class T, class B> DEVICE void add(const T* a, const B* b, T* out, size_t n) {
    combine(a, b, out, n, [](float x, float y) { return x + y; });
}

// Device.sinCos. Learned frequencies times rows and columns: the accurate functions, because far patches have large angles.
DEVICE void sinCos(const float* angles, float* sin, float* cos, size_t n) {
    const size_t first = 8 * (blockIdx.x * (size_t)blockDim.x + threadIdx.x);
    if (first >= n) {
        return;
    }
    const int count = n - first < 8 ? (int)(n - first) : 8;
    float x[8], y[8];
    readSome(angles + first, count, x);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        if (i < count) {
            y[i] = cosf(x[i]);
            x[i] = sinf(x[i]);
        }
    }
    writeSome(sin + first, count, x);
    writeSome(cos + first, count, y);
}

// ---------------------------------------------------------------- GELU

constexpr float GELU_ROOT = 0.7978845608f, GELU_CUBE = 0.044715f, ROOT_HALF = 0.7071067812f, INVERSE_ROOT_TWO_PI = 0.3989422804f;

// What x is multiplied by. Gelu.EXACT: the normal distribution function; erfc keeps its digits where it is small. Gelu.TANH:
// 0.5 (1 + tanh u) with u = sqrt(2/pi) (x + 0.044715 x^3), which is sigmoid(2u).
template <bool EXACT> DEVICE float geluGate(float x) {
    if (EXACT) {
        return 0.5f * erfcf(-ROOT_HALF * x);
    }
    return quotient(1.f, 1.f + exp2Of(-2.f * LOG2_E * GELU_ROOT * (x + GELU_CUBE * x * x * x)));
}
template <bool EXACT> DEVICE float geluSlope(float x) {
    const float gate = geluGate<EXACT>(x);
    if (EXACT) {
        return gate + x * INVERSE_ROOT_TWO_PI * exp2Of(-0.5f * LOG2_E * x * x);
    }
    return gate + x * gate * (1.f - gate) * (2.f * GELU_ROOT) * (1.f + 3.f * GELU_CUBE * x * x);
}

template <class T, bool EXACT> DEVICE void gelu(const T* x, T* out, size_t n) {
    combine(x, (const T*)nullptr, out, n, [](float a, float) { return a * geluGate<EXACT>(a); });
}
template <class T, bool EXACT> DEVICE void geluBackward(const T* x, const T* dOut, T* dX, size_t n) {
    combine(x, dOut, dX, n, [](float a, float d) { return d * geluSlope<EXACT>(a); });
}
