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
struct alignas(8) PairOfWords {
    unsigned word[2];
};

// Head vectors as Heads.java describes them: element d of head h of row r is data[r * row + h * head + d]. Kernels on tensor cores want
// rows and heads at multiples of 8 elements, and data at a multiple of 16 bytes; those that take any width want nothing.
template <class T> struct HeadsOf {
    const T* data;
    int row, head;
};
template <class T> struct HeadsTo {
    T* data;
    int row, head;
};
typedef HeadsOf<bf16> Heads;
typedef HeadsTo<bf16> HeadsOut;

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

// Element d of head h of a row.
template <class H> DEVICE auto vectorAt(const H& heads, size_t row, int h, int d) { return heads.data + row * heads.row + (size_t)h * heads.head + d; }

// ---------------------------------------------------------------- bfloat16

HOST_DEVICE float floatOfBits(unsigned bits) {
#ifdef __CUDA_ARCH__
    return __uint_as_float(bits);
#else
    union { unsigned bits; float value; } both = {bits};
    return both.value;
#endif
}

DEVICE unsigned bitsOf(float x) {
#ifdef __CUDA_ARCH__
    return __float_as_uint(x);
#else
    union { float value; unsigned bits; } both = {x};
    return both.bits;
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

DEVICE float toFloat(float x) { return x; }
DEVICE void fromFloat(float x, float& to) { to = x; }
DEVICE void fromFloat(float x, bf16& to) { to = toBf16(x); }

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

DEVICE void load(const bf16* p, float (&x)[8]) { unpack(load8(p), x); }
DEVICE void load(const float* p, float (&x)[8]) { load8(p, x); }
DEVICE void load(const float* p, float (&x)[4]) {
    const Float4 v = load4(p);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        x[i] = v.at[i];
    }
}
DEVICE void load(const bf16* p, float (&x)[4]) {
    const PairOfWords v = readAligned((const PairOfWords*)p);
#pragma unroll
    for (int i = 0; i < 2; i++) {
        x[2 * i] = floatOfBits(v.word[i] << 16);
        x[2 * i + 1] = floatOfBits(v.word[i] & 0xffff0000u);
    }
}
DEVICE void store(bf16* p, const float (&x)[8]) { store8(p, pack(x)); }
DEVICE void store(float* p, const float (&x)[8]) { store8(p, x); }
DEVICE void store(float* p, const float (&x)[4]) { store4(p, Float4{{x[0], x[1], x[2], x[3]}}); }
DEVICE void store(bf16* p, const float (&x)[4]) { writeAligned((PairOfWords*)p, PairOfWords{{packPair(x[0], x[1]), packPair(x[2], x[3])}}); }

// N numbers of a row from p on, wherever it lies in memory, so that kernels take tensors of every width and views that begin anywhere.
// `count` says how many are left; what is behind them reads as 0 and is not written. Whole and aligned groups, the usual case, take
// loads and stores of 16 bytes.
template <class T, int N> DEVICE bool isWhole(const T* p, int count) { return count >= N && (size_t)p % (N * sizeof(T) < 16 ? N * sizeof(T) : 16) == 0; }
template <class T, int N> DEVICE void readSome(const T* p, int count, float (&x)[N]) {
    if (isWhole<T, N>(p, count)) {
        load(p, x);
    } else {
#pragma unroll
        for (int i = 0; i < N; i++) {
            x[i] = i < count ? toFloat(p[i]) : 0.f;
        }
    }
}
template <class T, int N> DEVICE void writeSome(T* p, int count, const float (&x)[N]) {
    if (isWhole<T, N>(p, count)) {
        store(p, x);
    } else {
#pragma unroll
        for (int i = 0; i < N; i++) {
            if (i < count) {
                fromFloat(x[i], p[i]);
            }
        }
    }
}

// A store of what nobody reads soon: it is the first to leave the L2 cache.
DEVICE void storeStreaming(void* p, unsigned a, unsigned b, unsigned c, unsigned d) {
#if defined(EMULATE)
    const unsigned words[4] = {a, b, c, d};
    emulation::requireAligned(p, 16);
    memcpy(p, words, 16);
#else
    asm volatile("st.global.cs.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(p), "r"(a), "r"(b), "r"(c), "r"(d) : "memory");
#endif
}
DEVICE void storeStreaming(bf16* p, const float (&x)[8]) {
    const Bf16x8 packed = pack(x);
    storeStreaming(p, packed.pair[0], packed.pair[1], packed.pair[2], packed.pair[3]);
}
DEVICE void storeStreaming(float* p, const float (&x)[8]) {
    storeStreaming(p, bitsOf(x[0]), bitsOf(x[1]), bitsOf(x[2]), bitsOf(x[3]));
    storeStreaming(p + 4, bitsOf(x[4]), bitsOf(x[5]), bitsOf(x[6]), bitsOf(x[7]));
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
