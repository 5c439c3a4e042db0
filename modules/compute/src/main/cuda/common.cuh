// What every kernel uses: bfloat16 numbers, loads and stores of 16 bytes, sums over lanes, and the dropout mask.
//
// One source serves three compilers: nvcc, NVRTC (so there is no #include of a system header) and, with EMULATE defined,
// g++ for the processor (src/test/cuda/emulation.h). Letters: B batch, T tokens, H heads, D head width, P width of a
// position vector, C channels, V classes.
#pragma once

typedef unsigned short bf16;
typedef unsigned long long u64;

struct alignas(16) Bf16x8 {
    unsigned pair[4];
};
struct alignas(16) Float4 {
    float at[4];
};

// Head vectors as Heads.java describes them: element d of head h of row r is data[r * row + h * head + d]. Rows and heads
// start at multiples of 8 elements, and data at a multiple of 16 bytes.
struct Heads {
    const bf16* data;
    int row, head;
};
struct HeadsOut {
    bf16* data;
    int row, head;
};

// threshold 0 means no dropout; keep is 1 / (1 - rate).
struct Dropout {
    u64 key;
    unsigned threshold;
    float keep;
};

constexpr float LOG2_E = 1.4426950408889634f;
constexpr float LN_2 = 0.6931471805599453f;
// The logit of a key that a query does not see. It is finite, so that differences of two of them are not NaN.
constexpr float UNSEEN = -1e30f;
constexpr int WARP = 32;

#ifdef EMULATE
#define DEVICE static inline
#define HOST_DEVICE static inline
#define DEVICE_MEMBER inline
#define SHARED_MEMORY(type, name) type* name = (type*)emulation::sharedMemory
template <class T> DEVICE T readAligned(const T* p) {
    emulation::requireAligned(p, sizeof(T));
    return *p;
}
template <class T> DEVICE void writeAligned(T* p, T value) {
    emulation::requireAligned(p, sizeof(T));
    *p = value;
}
DEVICE float exp2Of(float x) { return std::exp2(x); }
DEVICE float log2Of(float x) { return std::log2(x); }
DEVICE float quotient(float a, float b) { return a / b; }
DEVICE float inverseRoot(float x) { return 1 / std::sqrt(x); }
#else
#define DEVICE static __device__ __forceinline__
#define HOST_DEVICE static __host__ __device__ __forceinline__
#define DEVICE_MEMBER __device__ __forceinline__
#define SHARED_MEMORY(type, name)                        \
    extern __shared__ __align__(16) char sharedMemory[]; \
    type* name = (type*)sharedMemory
template <class T> DEVICE T readAligned(const T* p) { return *p; }
template <class T> DEVICE void writeAligned(T* p, T value) { *p = value; }
DEVICE float exp2Of(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
DEVICE float log2Of(float x) { return __log2f(x); }
DEVICE float quotient(float a, float b) { return __fdividef(a, b); }
DEVICE float inverseRoot(float x) { return rsqrtf(x); }
#endif

// ---------------------------------------------------------------- bfloat16

HOST_DEVICE float floatOfBits(unsigned bits) {
#ifdef __CUDA_ARCH__
    return __uint_as_float(bits);
#else
    union { unsigned bits; float value; } both = {bits};
    return both.value;
#endif
}

// Two floats, rounded to the nearest bfloat16 (ties to even); `low` comes first in memory.
HOST_DEVICE unsigned packPair(float low, float high) {
#ifdef __CUDA_ARCH__
    unsigned pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
#else
    union Both { float value; unsigned bits; };
    unsigned halves[2];
    for (int i = 0; i < 2; i++) {
        Both x = {i ? high : low};
        bool nan = (x.bits & 0x7fffffffu) > 0x7f800000u;
        halves[i] = nan ? 0x7fffu : (x.bits + 0x7fffu + ((x.bits >> 16) & 1)) >> 16;
    }
    return halves[0] | halves[1] << 16;
#endif
}

HOST_DEVICE float toFloat(bf16 x) { return floatOfBits((unsigned)x << 16); }
HOST_DEVICE bf16 toBf16(float x) { return (bf16)packPair(x, 0.f); }

DEVICE void unpack(Bf16x8 from, float (&to)[8]) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        to[2 * i] = floatOfBits(from.pair[i] << 16);
        to[2 * i + 1] = floatOfBits(from.pair[i] & 0xffff0000u);
    }
}

DEVICE Bf16x8 pack(const float (&from)[8]) {
    Bf16x8 to;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        to.pair[i] = packPair(from[2 * i], from[2 * i + 1]);
    }
    return to;
}

// ---------------------------------------------------------------- memory

DEVICE Bf16x8 load8(const bf16* p) { return readAligned((const Bf16x8*)p); }
DEVICE void store8(bf16* p, Bf16x8 x) { writeAligned((Bf16x8*)p, x); }

DEVICE void load8(const float* p, float (&x)[8]) {
    Float4 low = readAligned((const Float4*)p), high = readAligned((const Float4*)(p + 4));
#pragma unroll
    for (int i = 0; i < 4; i++) {
        x[i] = low.at[i];
        x[4 + i] = high.at[i];
    }
}
DEVICE void store8(float* p, const float (&x)[8]) {
    writeAligned((Float4*)p, Float4{{x[0], x[1], x[2], x[3]}});
    writeAligned((Float4*)(p + 4), Float4{{x[4], x[5], x[6], x[7]}});
}
DEVICE Float4 load4(const float* p) { return readAligned((const Float4*)p); }
DEVICE void store4(float* p, Float4 x) { writeAligned((Float4*)p, x); }

// A store of what nobody reads soon: it is the first to leave the L2 cache.
DEVICE void store8Streaming(bf16* p, Bf16x8 x) {
#if defined(EMULATE)
    store8(p, x);
#else
    asm volatile("st.global.cs.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(p), "r"(x.pair[0]), "r"(x.pair[1]), "r"(x.pair[2]),
                 "r"(x.pair[3])
                 : "memory");
#endif
}

// ---------------------------------------------------------------- lanes

// The sum over groups of LANES neighbouring lanes (a power of two); every lane of a group gets the same bits.
template <int LANES, class T> DEVICE T sumLanes(T x) {
#pragma unroll
    for (int step = LANES / 2; step > 0; step /= 2) {
        x += __shfl_xor_sync(0xffffffffu, x, step);
    }
    return x;
}
template <int LANES> DEVICE float maxLanes(float x) {
#pragma unroll
    for (int step = LANES / 2; step > 0; step /= 2) {
        x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
    }
    return x;
}

// ---------------------------------------------------------------- dropout

// The 32 bits that all columns of a row share: Dropout.rowHash.
DEVICE unsigned dropoutRow(u64 key, u64 row) {
    u64 z = key + (row + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return (unsigned)((z ^ (z >> 31)) >> 32);
}
// Whether an element is dropped: Dropout.bits below the threshold.
DEVICE bool isDropped(unsigned rowHash, int column, unsigned threshold) {
    unsigned x = rowHash + (unsigned)column * 0x9E3779B9u;
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return ((x ^ (x >> 16)) >> 1) < threshold;
}
DEVICE float dropoutFactor(unsigned rowHash, int column, const Dropout& dropout) {
    return isDropped(rowHash, column, dropout.threshold) ? 0.f : dropout.keep;
}
// x *= mask of columns [column, column + 8) of a row.
DEVICE void drop8(float (&x)[8], unsigned rowHash, int column, const Dropout& dropout) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
        x[i] *= dropoutFactor(rowHash, column + i, dropout);
    }
}
