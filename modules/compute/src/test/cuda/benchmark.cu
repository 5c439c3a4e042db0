// Times the kernels at the sizes of a GPT-2 small step (B 32, T 512, H 12, D 64; 16,384 rows) on a real card, and looks whether they
// repeat bitwise. A line has: kernel, shape, median microseconds, GB/s, TFLOP/s, and the share of the ceiling, which is the larger of
// bytes / copy rate and operations / product rate over the time. Bytes are what has to go through memory once; the copy rate is
// measured, the product rate is that of a large bf16 product on an H100. Whether results are right is the cases' business.
//
// gpu-benchmark [filter]: only parts whose name contains the filter: attention, any, norm, rows, single,
// elements, heads, loss, optimizer, lists, embedding.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>
#include "exports.cu"
#include "plan.h"

#define CHECK(call)                                                                                  \
    do {                                                                                             \
        cudaError_t error = (call);                                                                  \
        if (error != cudaSuccess) {                                                                  \
            printf("FAIL: %s at %s:%d\n", cudaGetErrorString(error), __FILE__, __LINE__);            \
            exit(1);                                                                                 \
        }                                                                                            \
    } while (0)

// singleRate: float32 without tensor cores, an H100's.
static double copyRate = 3.0e12, productRate = 790e12, singleRate = 67e12;
static int unstable = 0;

__global__ void noise(bf16* p, size_t n, unsigned seed, float scale) {
    for (size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x) {
        float sum = 0;
        for (int k = 0; k < 4; k++) {
            sum += (dropoutRow(seed + k, i) >> 8) * (1.f / 16777216.f) - 0.5f;  // about normal, deviation 0.58
        }
        p[i] = toBf16(sum * 1.73f * scale);
    }
}
__global__ void noise(float* p, size_t n, unsigned seed, float scale) {
    for (size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x) {
        p[i] = ((dropoutRow(seed, i) >> 8) * (1.f / 16777216.f) - 0.5f) * 3.46f * scale;
    }
}
// A sum of integers, which does not depend on its order.
__global__ void addBits(const unsigned* p, size_t n, unsigned long long* sum) {
    unsigned long long mine = 0;
    for (size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x) {
        mine += (unsigned long long)p[i] * (2 * i + 1);
    }
    atomicAdd(sum, mine);
}

// Device memory that a part frees when it ends.
static std::vector<void*> memory;
static void* allocate(size_t bytes) {
    void* p;
    CHECK(cudaMalloc(&p, std::max<size_t>(bytes, 16)));
    memory.push_back(p);
    return p;
}
template <class T> static T* random(size_t n, float scale = 1) {
    static unsigned seed = 1;
    T* p = (T*)allocate(n * sizeof(T));
    noise<<<1024, 256>>>(p, n, seed += 7, scale);
    CHECK(cudaGetLastError());
    return p;
}
template <class T> static T* upload(const std::vector<T>& values) {
    T* p = (T*)allocate(values.size() * sizeof(T));
    CHECK(cudaMemcpy(p, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
    return p;
}
static void freeAll() {
    for (void* p : memory) {
        CHECK(cudaFree(p));
    }
    memory.clear();
}
static unsigned long long bitsOf(const void* p, size_t bytes) {
    static unsigned long long* sum = nullptr;
    if (!sum) {
        CHECK(cudaMalloc(&sum, 8));
    }
    CHECK(cudaMemset(sum, 0, 8));
    addBits<<<512, 256>>>((const unsigned*)p, bytes / 4, sum);
    unsigned long long value;
    CHECK(cudaMemcpy(&value, sum, 8, cudaMemcpyDeviceToHost));
    return value;
}
static double microseconds(const std::function<void()>& run) {
    cudaEvent_t from, to;
    CHECK(cudaEventCreate(&from));
    CHECK(cudaEventCreate(&to));
    std::vector<float> times;
    for (int i = 0; i < 23; i++) {
        CHECK(cudaEventRecord(from));
        run();
        CHECK(cudaEventRecord(to));
        CHECK(cudaEventSynchronize(to));
        float ms;
        CHECK(cudaEventElapsedTime(&ms, from, to));
        if (i > 2) {
            times.push_back(ms);
        }
    }
    CHECK(cudaGetLastError());
    CHECK(cudaEventDestroy(from));
    CHECK(cudaEventDestroy(to));
    std::sort(times.begin(), times.end());
    return times[times.size() / 2] * 1e3;
}
static void report(const std::string& name, const std::string& shape, double bytes, double operations, const std::function<void()>& run,
                   double rate = productRate) {
    const double us = microseconds(run), floor = std::max(bytes / copyRate, operations / rate) * 1e6;
    printf("%-44s %-34s %8.1f us %7.0f GB/s %6.0f TFLOP/s  share %3.0f %%\n", name.c_str(), shape.c_str(), us, bytes / us * 1e-3, operations / us * 1e-6, 100 * floor / us);
    fflush(stdout);
}
// Runs three times and compares all bits of a result; `prepare` restores what the run accumulates into or overwrites.
static void repeats(const char* name, const void* result, size_t bytes, const std::function<void()>& prepare, const std::function<void()>& run) {
    unsigned long long first = 0;
    bool same = true;
    for (int i = 0; i < 3; i++) {
        prepare();
        run();
        CHECK(cudaGetLastError());
        const unsigned long long bits = bitsOf(result, bytes);
        same &= i == 0 || bits == first;
        first = bits;
    }
    unstable += !same;
    printf("%s %-40s bits %016llx\n", same ? "repeats " : "FAIL NOT REPEATABLE", name, first);
    fflush(stdout);
}
static std::string text(const char* format, int a = 0, int b = 0, int c = 0) {
    char s[120];
    snprintf(s, sizeof s, format, a, b, c);
    return s;
}

// ---------------------------------------------------------------- attention

typedef void (*ForwardKernel)(const AttentionArguments);
typedef void (*BackwardKernel)(const AttentionArguments, const AttentionGradients);
struct Forward {
    const char* name;
    ForwardKernel kernel;
    int queries, keys = 64;
};
struct Backward {
    const char* name;
    BackwardKernel keys, queries;
    bool small = false;
};
template <class T> static auto deltaOf() {
    if constexpr (sizeof(T) == 2) {
        return attentionDelta_any_bf16;
    } else {
        return attentionDelta_any_f32;
    }
}
template <class K> static void allow(K kernel, int bytes) { CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes)); }

// What attention reads and writes, in noise.
template <class T> struct AttentionMemory {
    AttentionArgumentsOf<T> a;
    AttentionGradientsOf<T> d;
    T* dQkv;
    float* target;
    size_t rows, gradientBytes;
    int groups;
    double unit, one, position;  // operations of one product a column of a head; bytes of a [rows, C] tensor and of position vectors
    std::string shape;
    AttentionMemory(int B, int length, int H, int D, int P, bool causal, float rate, int samples) {
        const int C = H * D, stride = 3 * C;
        groups = P ? B / samples : 1;
        rows = (size_t)B * length;
        gradientBytes = rows * stride * sizeof(T);
        const size_t partial = P ? (size_t)groups * length * H * P : 1;
        T *qkv = random<T>(rows * stride), *positions = random<T>((size_t)length * 2 * H * std::max(P, 8)), *out = random<T>(rows * C), *dOut = random<T>(rows * C);
        dQkv = random<T>(rows * stride);
        float *logSumExp = random<float>(rows * H), *delta = random<float>(rows * H), *dPositionQuery = random<float>(partial), *dPositionKey = random<float>(partial);
        target = random<float>((size_t)length * H * std::max(P, 1));
        const Dropout dropout{1234567, (unsigned)(rate * 2147483648.0), 1 / (1 - rate)};
        a = {{qkv, stride, D}, {qkv + C, stride, D}, {qkv + 2 * C, stride, D}, {positions, 2 * H * P, P}, {positions + H * P, 2 * H * P, P},
             {out, C, D}, logSumExp, nullptr, dropout, B, length, H, P ? 1 : 0, causal, 1 / sqrtf((float)D), 1.f};
        d = {{dOut, C, D}, {dQkv, stride, D}, {dQkv + C, stride, D}, {dQkv + 2 * C, stride, D}, delta, dPositionQuery, dPositionKey, P ? samples : 1};
        unit = 2.0 * B * H * (double)length * length * (causal ? 0.5 : 1);
        one = rows * C * (double)sizeof(T);
        position = P ? (double)length * H * P * sizeof(T) : 0;
        shape = text("B%d T%d D%d", B, length, D) + (P ? text("+%d", P) : "") + (causal ? " causal" : " full") + (rate > 0 ? " drop" : "") +
                (P ? text(" samples %d", samples) : "");
    }
};

template <int D, int P>
static void attention(int B, int T, bool causal, float rate, int samples, const std::vector<Forward>& forwards, const std::vector<Backward>& backwards) {
    const int H = (768 + D / 2) / D;
    const AttentionMemory<bf16> m(B, T, H, D, P, causal, rate, samples);
    const AttentionArguments a = m.a;
    const AttentionGradients d = m.d;
    for (const Forward& f : forwards) {
        const int bytes = f.keys == 32 ? attentionForwardBytes<D, P, 32>() : attentionForwardBytes<D, P>();
        allow(f.kernel, bytes);
        const dim3 grid((T + f.queries - 1) / f.queries, H, B);
        report(std::string("attention forward ") + f.name, m.shape, 4 * m.one + 2 * m.position, m.unit * (D + P + D), [&] { f.kernel<<<grid, 128, bytes>>>(a); });
    }
    auto runDelta = [&] {
        auto kernel = D == 64 ? attentionDelta_64 : D == 80 ? attentionDelta_80 : D == 96 ? attentionDelta_96 : attentionDelta_128;
        kernel<<<(unsigned)((m.rows * H * DELTA_LANES<D> + 255) / 256), 256>>>(a, d);
    };
    report("attention delta", m.shape, 2 * m.one, 0, runDelta);
    const dim3 grid((T + 63) / 64, H, B / (P ? samples : 1));
    for (const Backward& b : backwards) {
        const int bytes = b.small ? BackwardShape<D, P, 16>::BYTES : BackwardShape<D, P, 32>::BYTES;  // the same for pieces of 32 and 64
        allow(b.keys, bytes);
        allow(b.queries, bytes);
        report(std::string("attention backward keys ") + b.name, m.shape, 6 * m.one + 2 * m.position * (1 + m.groups), m.unit * (2 * (D + P) + 2 * D),
               [&] { b.keys<<<grid, 128, bytes>>>(a, d); });
        report(std::string("attention backward queries ") + b.name, m.shape, 5 * m.one + 2 * m.position * (1 + m.groups), m.unit * (2 * (D + P) + D),
               [&] { b.queries<<<grid, 128, bytes>>>(a, d); });
    }
    if (P) {
        report("position fold", m.shape, m.position * (m.groups * 2 + 4), 0,
               [&] { positionFold_<<<(T * H * P + 255) / 256, 256>>>(d.dPositionQuery, m.groups, T, H, P, m.target, H * P, P); });
    }
    if (rate == 0) {
        repeats(("attention " + m.shape).c_str(), m.dQkv, m.gradientBytes, [] {}, [&] {
            forwards[0].kernel<<<dim3((T + forwards[0].queries - 1) / forwards[0].queries, H, B), 128, attentionForwardBytes<D, P>()>>>(a);
            runDelta();
            backwards[0].keys<<<grid, 128, BackwardShape<D, P, 32>::BYTES>>>(a, d);
            backwards[0].queries<<<grid, 128, BackwardShape<D, P, 32>::BYTES>>>(a, d);
        });
    }
    freeAll();
}

// The form for any width, compared with the rate of the precision that it multiplies in.
template <class T, int SLICE> __global__ void __launch_bounds__(256) anyForward(const AttentionArgumentsOf<T> a, int D, int P) { attentionForwardAny<T, SLICE>(a, D, P); }
template <class T, int SLICE, bool KEYS> __global__ void __launch_bounds__(256) anyBackward(const AttentionArgumentsOf<T> a, const AttentionGradientsOf<T> d, int D, int P) {
    attentionBackwardAny<T, SLICE, KEYS>(a, d, D, P);
}
template <class T, int SLICE> static void anyAttention(int B, int length, int D, int P, bool causal, float rate) {
    const int H = (768 + D / 2) / D, samples = P ? 4 : 1;
    const AttentionMemory<T> m(B, length, H, D, P, causal, rate, samples);
    const std::string name = std::string("any") + text("%d ", SLICE) + (sizeof(T) == 2 ? "bf16 " : "f32 ");
    const dim3 grid((length + 63) / 64, H * ((D + SLICE - 1) / SLICE), B), back(grid.x, H * ((std::max(D, P) + SLICE - 1) / SLICE), B / samples);
    auto forward = [&] { anyForward<T, SLICE><<<grid, 256, ANY_BYTES>>>(m.a, D, P); };
    auto keys = [&] { anyBackward<T, SLICE, true><<<back, 256, ANY_BYTES>>>(m.a, m.d, D, P); };
    auto queries = [&] { anyBackward<T, SLICE, false><<<back, 256, ANY_BYTES>>>(m.a, m.d, D, P); };
    auto delta = [&] { (deltaOf<T>())<<<(unsigned)((m.rows * H + 7) / 8), 256>>>(m.a, m.d, D); };
    report(name + "forward", m.shape, 4 * m.one, m.unit * (D + P + D), forward, singleRate);
    report(name + "delta", m.shape, 2 * m.one, 0, delta);
    report(name + "backward keys", m.shape, 6 * m.one, m.unit * (2 * (D + P) + 2 * D), keys, singleRate);
    report(name + "backward queries", m.shape, 5 * m.one, m.unit * (2 * (D + P) + D), queries, singleRate);
    repeats((name + m.shape).c_str(), m.dQkv, m.gradientBytes, [] {}, [&] {
        forward();
        delta();
        keys();
        queries();
    });
    freeAll();
}
static void anyAttentionPart() {
    for (int causal = 1; causal >= 0; causal--) {
        anyAttention<f32, 64>(32, 512, 64, 0, causal, 0);
        anyAttention<f32, 64>(32, 512, 64, 64, causal, 0);
    }
    anyAttention<f32, 64>(32, 512, 64, 0, true, 0.1f);
    anyAttention<f32, 128>(32, 512, 128, 0, true, 0);
    anyAttention<f32, 64>(32, 512, 128, 0, true, 0);
    anyAttention<bf16, 64>(32, 512, 48, 0, true, 0);
    anyAttention<bf16, 64>(32, 512, 64, 32, true, 0);
}

static void attentionPart() {
    const std::vector<Forward> plain{{"m1", attentionForward_64_0_m1, 64}, {"m2", attentionForward_64_0_m2, 128}};
    const std::vector<Forward> wide{{"m1", attentionForward_64_64_m1, 64}, {"m2", attentionForward_64_64_m2, 128}};
    const std::vector<Forward> plainDrop{{"m1", attentionForward_64_0_m1_drop, 64}, {"m2", attentionForward_64_0_m2_drop, 128}};
    const std::vector<Forward> wideDrop{{"m1", attentionForward_64_64_m1_drop, 64}, {"m2", attentionForward_64_64_m2_drop, 128}};
    const std::vector<Backward> plainBack{{"p32", attentionBackwardKeys_64_0_p32, attentionBackwardQueries_64_0_p32}, {"p64", attentionBackwardKeys_64_0_p64, attentionBackwardQueries_64_0_p64}};
    const std::vector<Backward> wideBack{{"p32", attentionBackwardKeys_64_64_p32, attentionBackwardQueries_64_64_p32}, {"p64", attentionBackwardKeys_64_64_p64, attentionBackwardQueries_64_64_p64}};
    const std::vector<Backward> plainBackDrop{{"p32", attentionBackwardKeys_64_0_p32_drop, attentionBackwardQueries_64_0_p32_drop}, {"p64", attentionBackwardKeys_64_0_p64_drop, attentionBackwardQueries_64_0_p64_drop}};
    const std::vector<Backward> wideBackDrop{{"p32", attentionBackwardKeys_64_64_p32_drop, attentionBackwardQueries_64_64_p32_drop}, {"p64", attentionBackwardKeys_64_64_p64_drop, attentionBackwardQueries_64_64_p64_drop}};
    for (int causal = 1; causal >= 0; causal--) {
        attention<64, 0>(32, 512, causal, 0, 1, plain, plainBack);
        attention<64, 64>(32, 512, causal, 0, 8, wide, wideBack);
    }
    for (int samples : {1, 2, 4, 16, 32}) {  // fewer partial sums against fewer blocks
        attention<64, 64>(32, 512, true, 0, samples, {wide[0]}, wideBack);
    }
    attention<64, 0>(16, 1024, true, 0, 1, plain, plainBack);
    attention<64, 64>(16, 1024, true, 0, 4, wide, wideBack);
    attention<64, 0>(32, 512, true, 0.1f, 1, plainDrop, plainBackDrop);
    attention<64, 64>(32, 512, true, 0.1f, 8, wideDrop, wideBackDrop);
#define WIDTH(D, P, SAMPLES) \
    attention<D, P>(32, 512, true, 0, SAMPLES, {{"m1", attentionForward_##D##_##P##_m1, 64}}, {{"p32", attentionBackwardKeys_##D##_##P##_p32, attentionBackwardQueries_##D##_##P##_p32}})
    WIDTH(80, 0, 1);
    WIDTH(96, 0, 1);
    WIDTH(128, 0, 1);
    WIDTH(80, 80, 8);
    WIDTH(96, 96, 8);
    attention<128, 128>(32, 512, true, 0, 8, {{"m1", attentionForward_128_128_m1, 64}, {"m1 k32", attentionForward_128_128_m1_k32, 64, 32}},
                        {{"p32", attentionBackwardKeys_128_128_p32, attentionBackwardQueries_128_128_p32},
                         {"p16", attentionBackwardKeys_128_128_p16, attentionBackwardQueries_128_128_p16, true}});
}

// ---------------------------------------------------------------- rows

constexpr int ROWS = 16384, C = 768;
constexpr size_t N = (size_t)ROWS * C;
static const Dropout NONE{0, 0, 1}, TENTH{99, 214748364u, 1 / 0.9f};

static void normPart() {
    float *x = random<float>(N), *dX = random<float>(N), *weight = random<float>(C), *bias = random<float>(C), *mean = random<float>(ROWS), *rstd = random<float>(ROWS);
    float *parts = random<float>(2048 * 3 * C), *folded = random<float>(3 * C);
    bf16 *delta = random<bf16>(N), *out = random<bf16>(N);
    const std::string shape = text("%d x %d", ROWS, C);
    for (const Dropout& dropout : {NONE, TENTH}) {
        const std::string drop = dropout.threshold ? " drop" : "";
        report("add + layer norm", shape + drop, N * 12.0, 0, [&] { addLayerNorm_3_f32_bf16<<<ROWS / 8, 256>>>(x, delta, weight, bias, 1e-5f, dropout, x, out, mean, rstd, ROWS, C); });
        CHECK(cudaMemset(x, 0, N * 4));  // it accumulates
        for (int each : {8, 16, 32, 64}) {
            report("layer norm backward", shape + text(", %d rows a block", each) + drop, N * 16.0, 0,
                   [&] { layerNormBackward_256_f32_bf16<<<ROWS / each, 96, 512>>>(out, x, weight, mean, rstd, dX, 1, delta, dropout, parts, ROWS, C, each); });
        }
    }
    report("layer norm backward, 64 registers", shape + ", 16 rows a block", N * 16.0, 0,
           [&] { layerNormBackward_1024_f32_bf16<<<ROWS / 16, 96, 512>>>(out, x, weight, mean, rstd, dX, 1, delta, NONE, parts, ROWS, C, 16); });
    for (int count : {256, 512, 1024, 2048}) {
        report("fold columns", text("%d parts of %d", count, 3 * C), count * 3.0 * C * 4, 0, [&] { foldColumns_<<<3 * C / 32, dim3(32, 8), 1024>>>(parts, count, 3 * C, folded, 3 * C); });
    }
    repeats("layer norm backward", parts, (size_t)512 * 3 * C * 4, [&] { CHECK(cudaMemset(dX, 0, N * 4)); },
            [&] { layerNormBackward_256_f32_bf16<<<512, 96, 512>>>(out, x, weight, mean, rstd, dX, 1, delta, NONE, parts, ROWS, C, 32); });
    freeAll();
}

static void rowsPart() {
    bf16 *pre = random<bf16>(4 * N), *out = random<bf16>(4 * N);
    float *parts = random<float>(1024 * 4 * C), *bias = random<float>(4 * C);
    for (int each : {16, 32, 64}) {
        const dim3 grid(3, ROWS / each);
        const std::string shape = text("%d x %d, %d rows a block", ROWS, 4 * C, each);
        report("bias + gelu", shape, N * 4 * 6.0, 0, [&] { biasGeluTanh_bf16<<<grid, 128>>>(pre, bias, out, ROWS, 4 * C, each); });
        report("bias + gelu backward", shape, N * 4 * 6.0, 0, [&] { biasGeluBackwardTanh_bf16<<<grid, 128>>>(out, pre, out, parts, ROWS, 4 * C, each); });
    }
    freeAll();
}

// ---------------------------------------------------------------- float32, elements, heads

static void elementsPart() {
    float *x = random<float>(4 * N), *y = random<float>(4 * N);
    bf16 *a = random<bf16>(4 * N), *b = random<bf16>(4 * N);
    const size_t n = 4 * N;
    const unsigned grid = (unsigned)((n / 8 + 255) / 256);
    const std::string shape = text("%d x %d", ROWS, 4 * C);
    report("fill f32", shape, n * 4.0, 0, [&] { fill_f32<<<grid, 256>>>(x, n, 1); });
    report("axpy f32", shape, n * 12.0, 0, [&] { axpy_f32<<<grid, 256>>>(0.f, x, y, n); });
    report("axpy f32, not aligned", shape, n * 12.0, 0, [&] { axpy_f32<<<grid, 256>>>(0.f, x + 1, y + 1, n - 1); });
    report("axpy bf16", shape, n * 6.0, 0, [&] { axpy_bf16<<<grid, 256>>>(0.f, a, b, n); });
    report("scale f32", shape, n * 8.0, 0, [&] { scale_f32<<<grid, 256>>>(x, n, 1, nullptr); });
    report("add bf16", shape, n * 6.0, 0, [&] { add_bf16<<<grid, 256>>>(a, b, a, n); });
    report("add f32", shape, n * 12.0, 0, [&] { add_f32<<<grid, 256>>>(x, y, x, n); });
    report("convert f32 to bf16", shape, n * 6.0, 0, [&] { convert_f32_bf16<<<grid, 256>>>(x, a, n); });
    report("convert bf16 to f32", shape, n * 6.0, 0, [&] { convert_bf16_f32<<<grid, 256>>>(a, x, n); });
    report("gelu tanh f32", shape, n * 8.0, 0, [&] { geluTanh_f32<<<grid, 256>>>(x, y, n); });
    report("gelu exact f32", shape, n * 8.0, 0, [&] { geluExact_f32<<<grid, 256>>>(x, y, n); });
    report("gelu exact bf16", shape, n * 4.0, 0, [&] { geluExact_bf16<<<grid, 256>>>(a, b, n); });
    report("gelu backward tanh f32", shape, n * 12.0, 0, [&] { geluBackwardTanh_f32<<<grid, 256>>>(x, y, y, n); });
    report("gelu backward exact f32", shape, n * 12.0, 0, [&] { geluBackwardExact_f32<<<grid, 256>>>(x, y, y, n); });
    freeAll();
}

static void singlePart() {
    float *x = random<float>(4 * N), *y = random<float>(4 * N), *weight = random<float>(4 * C), *mean = random<float>(ROWS), *rstd = random<float>(ROWS);
    float *parts = random<float>(1024 * 4 * C), *dX = random<float>(N);
    const std::string narrow = text("%d x %d", ROWS, C), wide = text("%d x %d", ROWS, 4 * C);
    report("layer norm f32", narrow, N * 8.0, 0, [&] { addLayerNorm_3_f32<<<ROWS / 8, 256>>>(x, nullptr, weight, weight, 1e-5f, NONE, nullptr, y, mean, rstd, ROWS, C); });
    report("layer norm f32, read again", narrow, N * 8.0, 0, [&] { addLayerNorm_0_f32<<<ROWS / 8, 256>>>(x, nullptr, weight, weight, 1e-5f, NONE, nullptr, y, mean, rstd, ROWS, C); });
    report("layer norm backward f32, written over", narrow, N * 12.0, 0,
           [&] { layerNormBackward_256_f32<<<ROWS / 32, 96, 512>>>(y, x, weight, mean, rstd, dX, 0, nullptr, NONE, parts, ROWS, C, 32); });
    const dim3 grid(3, ROWS / 16), narrowGrid(1, ROWS / 16);
    report("bias + gelu f32", wide, N * 4 * 12.0, 0, [&] { biasGeluTanh_f32<<<grid, 128>>>(x, weight, y, ROWS, 4 * C, 16); });
    report("bias + gelu backward f32", wide, N * 4 * 12.0, 0, [&] { biasGeluBackwardTanh_f32<<<grid, 128>>>(y, x, y, parts, ROWS, 4 * C, 16); });
    report("dropout f32", narrow, N * 8.0, 0, [&] { dropoutRows_f32<<<narrowGrid, 128>>>(x, y, TENTH, ROWS, C, 16); });
    report("add rows f32, one", narrow, N * 8.0, 0, [&] { addRows_f32<<<narrowGrid, 128>>>(x, weight, y, ROWS, C, 1, 16); });
    for (int each : {16, 64}) {
        report("sum rows f32, one", narrow + text(", %d a slice", each), N * 4.0, 0, [&] { sumRows_f32<<<dim3(1, 1, ROWS / each), 128>>>(x, parts, ROWS, C, 1, each); });
    }
    report("sum rows f32, 512", narrow, N * 4.0 + 512.0 * C * 4, 0, [&] { sumRows_f32<<<dim3(1, 512, 1), 128>>>(x, parts, ROWS, C, 512, 32); });
    freeAll();
}

static void headsPart() {
    const int H = 12, D = 64, P = 512;
    float *angles = random<float>((size_t)P * D), *parts = random<float>((size_t)4 * P * C), *target = random<float>((size_t)P * C);
    const unsigned grid = (unsigned)(N / 8 / 256), tableGrid = P * C / 8 / 256;
    const std::string shape = text("%d rows, %d heads of %d", ROWS, H, D);
    f32 *x = random<f32>(3 * N), *pe = random<f32>((size_t)P * C), *out = random<f32>(3 * N);
    bf16 *y = random<bf16>(3 * N), *narrow = random<bf16>((size_t)P * C), *narrowOut = random<bf16>(3 * N);
    const HeadsOf<f32> X{x, 3 * C, D}, PE{pe, C, D};
    const HeadsTo<f32> OUT{out, 3 * C, D};
    report("rotary f32", shape, N * 8.0, 0, [&] { rotary_f32<<<grid, 256>>>(X, ROWS, H, D, angles, angles, P, 0, 0, OUT); });
    report("rotary bf16", shape, N * 4.0, 0, [&] { rotary_bf16<<<grid, 256>>>({y, 3 * C, D}, ROWS, H, D, angles, angles, P, 0, 0, {narrowOut, 3 * C, D}); });
    report("multiply heads f32", shape, N * 8.0, 0, [&] { multiplyHeads_f32<<<grid, 256>>>(X, ROWS, H, D, PE, P, OUT); });
    report("multiply heads bf16", shape, N * 4.0, 0, [&] { multiplyHeads_bf16<<<grid, 256>>>({y, 3 * C, D}, ROWS, H, D, {narrow, C, D}, P, {narrowOut, 3 * C, D}); });
    for (int slices : {1, 2, 4}) {
        report("sum head products f32", shape + text(", %d slices", slices), N * 8.0, 0,
               [&] { sumHeadProducts_f32<<<dim3(tableGrid, slices), 256>>>(X, X, ROWS, H, D, P, ROWS / P / slices, parts); });
    }
    report("sum head products bf16", shape + ", 4 slices", N * 4.0, 0,
           [&] { sumHeadProducts_bf16<<<dim3(tableGrid, 4), 256>>>({y, 3 * C, D}, {y, 3 * C, D}, ROWS, H, D, P, ROWS / P / 4, parts); });
    report("position fold", "4 slices", P * C * 24.0, 0, [&] { positionFold_<<<P * C / 256, 256>>>(parts, 4, P, H, D, target, C, D); });
    freeAll();
}

// ---------------------------------------------------------------- losses and embeddings

typedef void (*LossKernel)(bf16*, int, const int*, float, float, int, float, float*, int);
static void lossPart() {
    const int rows = 8192, V = 50257;
    std::vector<int> labels(rows);
    for (int i = 0; i < rows; i++) {
        labels[i] = (i * 7919) % V;
    }
    int* dLabels = upload(labels);
    float* loss = random<float>(rows);
    struct Variant {
        const char* name;
        LossKernel kernel;
        int threads;
        bool inShared;
    };
    const Variant variants[] = {{"256 twice", crossEntropy_256_twice_bf16, 256, false},   {"512 twice", crossEntropy_512_twice_bf16, 512, false},
                                {"1024 twice", crossEntropy_1024_twice_bf16, 1024, false}, {"256 shared", crossEntropy_256_shared_bf16, 256, true},
                                {"512 shared", crossEntropy_512_shared_bf16, 512, true},   {"1024 shared", crossEntropy_1024_shared_bf16, 1024, true}};
    bf16* logits = random<bf16>((size_t)rows * 50304);
    for (int pitch : {50304, V}) {
        for (const Variant& v : variants) {
            const int bytes = crossEntropyBytes<bf16>(v.inShared, pitch);
            allow(v.kernel, bytes);
            noise<<<1024, 256>>>(logits, (size_t)rows * 50304, 5, 1.f);
            report(std::string("cross-entropy ") + v.name, text("%d x %d, pitch %d", rows, V, pitch), (double)rows * V * 4, 0,
                   [&] { v.kernel<<<rows, v.threads, bytes>>>(logits, pitch, dLabels, 1, 0, 1, 1e-4f, loss, V); });
        }
    }
    // The last pitch was the smaller one: a kernel keeps the memory that it was allowed last.
    allow(crossEntropy_512_shared_bf16, crossEntropyBytes<bf16>(true, 50304));
    repeats("cross-entropy 512 shared", logits, (size_t)rows * 50304 * 2, [&] { noise<<<1024, 256>>>(logits, (size_t)rows * 50304, 5, 1.f); },
            [&] { crossEntropy_512_shared_bf16<<<rows, 512, crossEntropyBytes<bf16>(true, 50304)>>>(logits, 50304, dLabels, 1, 0.1f, 1, 1e-4f, loss, V); });
    for (int i = 0; i < rows; i++) {
        labels[i] = i % 259;
    }
    int* small = upload(labels);
    report("cross-entropy 32 twice", text("%d x 259, pitch 259", 131072), 131072.0 * 259 * 4, 0,
           [&] { for (int k = 0; k < 16; k++) crossEntropy_32_twice_bf16<<<rows, 32, crossEntropyBytes<bf16>(false, 259)>>>(logits + (size_t)k * rows * 259, 259, small, 1, 0, 1, 1e-4f, loss, 259); });
    f32* single = (f32*)allocate((size_t)4096 * V * 4);
    noise<<<1024, 256>>>(single, (size_t)4096 * V, 5, 1.f);
    report("cross-entropy 1024 twice f32", text("4096 x %d, pitch %d", V, V), 4096.0 * V * 8, 0, [&] { crossEntropy_1024_twice_f32<<<4096, 1024, 384>>>(single, V, dLabels, 1, 0, 1, 1e-4f, loss, V); });
    report("cross-entropy 512 twice f32", text("4096 x %d, pitch %d", V, V), 4096.0 * V * 8, 0, [&] { crossEntropy_512_twice_f32<<<4096, 512, 384>>>(single, V, dLabels, 1, 0, 1, 1e-4f, loss, V); });
    report("divergence kl f32", "6144 x 32", 6144.0 * 32 * 16, 0, [&] { divergence_kl_f32<<<768, 256>>>(single, single + 6144 * 32, 1, 1, 1e-4f, loss, 6144, 32); });
    freeAll();
}

static Pieces piecesOf(const Plan& plan) { return {upload(plan.start), upload(plan.target), (int)plan.target.size(), 0}; }
static Splits splitsOf(const Plan& plan) { return {upload(plan.splitStart), upload(plan.splitTarget), (int)plan.splitTarget.size(), 0}; }

static void embeddingPart() {
    const int V = 50257;
    float *table = random<float>((size_t)V * C), *out = random<float>(N);
    for (int skew = 0; skew < 2; skew++) {
        std::vector<int> ids(ROWS);
        std::vector<char> seen(V, 0);
        int different = 0;
        for (int i = 0; i < ROWS; i++) {
            const double u = (i * 48271ll % 65537) / 65537.0;
            ids[i] = skew ? (int)(V * pow(u, 12)) : (int)(V * u * u * u * u);  // words are skewed; the second is about as frequent as "the"
            different += !seen[ids[i]];
            seen[ids[i]] = 1;
        }
        int* dIds = upload(ids);
        report("gather", text("%d x %d, %d different", ROWS, C, different), N * 4.0 + different * 4.0 * C, 0, [&] { gather_f32<<<ROWS, 96>>>(dIds, table, NONE, 0, out, C); });
        for (int longest : {4, 8, 16, 32, 64}) {
            const Plan plan(ids, V, longest, false);
            const Pieces pieces = piecesOf(plan);
            const Splits splits = splitsOf(plan);
            int* order = upload(plan.order);
            float* partial = random<float>((size_t)std::max(1, plan.partials) * C);
            auto first = [&] { scatterAdd_f32<<<dim3(pieces.count), 192>>>(pieces, order, out, NONE, table, partial, C); };
            auto second = [&] { if (splits.count) scatterAddFold_f32<<<dim3(splits.count, C / 128), dim3(32, 8), 4096>>>(splits, partial, table, C); };
            const double bytes = N * 4.0 + different * C * 8.0;
            report("scatterAdd", text("%d different, pieces of %d", different, longest), bytes, 0, [&] { first(); second(); });
            if (longest == 16) {
                report("scatterAdd, pieces alone", text("%d pieces, %d partial", pieces.count, plan.partials), bytes, 0, first);
                report("scatterAdd, fold alone", text("%d splits", splits.count), plan.partials * C * 4.0, 0, second);
                repeats("scatterAdd", table, (size_t)V * C * 4, [&] { CHECK(cudaMemset(table, 0, (size_t)V * C * 4)); }, [&] { first(); second(); });
            }
        }
    }
    freeAll();
}

// ---------------------------------------------------------------- optimizer

static void optimizerPart() {
    const size_t n = 124475904;
    float *p = random<float>(n), *g = random<float>(n), *m = random<float>(n), *v = random<float>(n), *clip = random<float>(1), *decay = random<float>(1);
    CHECK(cudaMemset(v, 0, n * 4));
    bf16* shadow = random<bf16>(n);
    double *parts = (double*)allocate(8192), *sum = (double*)allocate(8);
    u64* ends = upload(std::vector<u64>{n});
    const std::string shape = "124,475,904";
    report("sum of squares and clip", shape, n * 4.0, 0, [&] {
        sumOfSquares_<<<1024, 256, 64>>>(g, n, parts);
        clipCoefficient_<<<1, 256, 64>>>(parts, 1024, 1, 1, sum, clip);
    });
    report("scale by the clip coefficient", shape, n * 8.0, 0, [&] { scale_f32<<<(unsigned)((n / 8 + 255) / 256), 256>>>(g, n, 1, clip); });
    report("Adam", shape, n * 24.0, 0, [&] { adam_<<<(unsigned)((n + 1023) / 1024), 256>>>(g, m, v, n, AdamRates{1e-4f, 0.9f, 0.999f, 0.1f, 0.001f, 1e-8f, 1e-4f, 1.f}); });
    report("AdamW", shape, n * 30.0, 0, [&] { adamW_<<<(unsigned)((n + 1023) / 1024), 256>>>(p, shadow, g, m, v, n, AdamRates{1e-4f, 0.9f, 0.999f, 0.1f, 0.001f, 1e-8f, 1e-4f, 1.f}, clip, ends, decay, 1); });
    freeAll();
}

// ---------------------------------------------------------------- attention over lists

static void lists(const char* name, int rows, int sources, const std::vector<int>& queries, const std::vector<int>& keys, int slots) {
    const int H = 12, D = 64;
    std::vector<int> askingOf(keys.size(), -1);
    size_t uses = 0;
    for (size_t i = 0; i < keys.size(); i++) {
        if (keys[i] >= 0) {
            askingOf[i] = queries[i / slots];
            uses++;
        }
    }
    bf16 *qkv = random<bf16>((size_t)sources * 3 * C), *out = random<bf16>((size_t)rows * C), *dOut = random<bf16>((size_t)rows * C), *dQkv = random<bf16>((size_t)sources * 3 * C);
    const size_t entryCount = (size_t)rows * H * slots;
    const ListArguments a{{qkv, 3 * C, D}, {qkv + C, 3 * C, D}, {qkv + 2 * C, 3 * C, D}, {out, C, D}, upload(queries), upload(keys), random<float>(entryCount), rows, sources, H, slots, 0.125f, NONE};
    ListGradients g{{dOut, C, D}, {dQkv, 3 * C, D}, {dQkv + C, 3 * C, D}, {dQkv + 2 * C, 3 * C, D}, (float2*)random<float>(entryCount * 2), nullptr, 0, 0};
    const unsigned grid = (unsigned)(((size_t)rows * C / 8 + 255) / 256);
    const std::string shape = std::string(name) + text(" %d rows %d sources", rows, sources);
    const double source = (double)sources * C * 2, row = (double)rows * C * 2, perEntry = (double)uses * H;
    auto forward = [&] { listAttentionForward_64_s8<<<grid, 256>>>(a); };
    auto logits = [&] { listAttentionLogits_64_s8<<<grid, 256>>>(a, g); };
    printf("lists %s: %zu uses\n", name, uses);
    report("list attention forward", shape, 3 * source + row + perEntry * 4, 0, forward);
    report("list attention logits", shape, source + row + perEntry * 12, 0, logits);
    for (int longest : {8, 16, 32, 64, 128}) {
        const Plan keyPlan(keys, sources, longest, true), queryPlan(askingOf, sources, longest, true);
        auto usesOf = [&](const Plan& plan) {
            std::vector<ListUse> list;
            for (int entry : plan.order) {
                list.push_back(ListUse{entry, entry / slots, queries[entry / slots], keys[entry]});
            }
            return upload(list);
        };
        const ListUse *keyUses = usesOf(keyPlan), *queryUses = usesOf(queryPlan);
        const Pieces keyPieces = piecesOf(keyPlan), queryPieces = piecesOf(queryPlan);
        const Splits keySplits = splitsOf(keyPlan), querySplits = splitsOf(queryPlan);
        g.partial = random<float>((size_t)2 * keyPlan.partials * C);
        g.keyPartials = keyPlan.partials;
        ListGradients q = g;
        q.partial = random<float>((size_t)queryPlan.partials * C);
        auto gather = [&](bool wide) {
            (wide ? listAttentionKeys_64_b4 : listAttentionKeys_64_b2)<<<keyPieces.count, 96>>>(a, g, keyPieces, keyUses);
            (wide ? listAttentionQueries_64_b4 : listAttentionQueries_64_b2)<<<queryPieces.count, 96>>>(a, q, queryPieces, queryUses);
            if (keySplits.count) {
                listAttentionFold_bf16<<<dim3(keySplits.count, C / 32, 2), dim3(32, 8), 1024>>>(keySplits, g.partial, g.keyPartials, H, D, g.dKey, g.dValue);
            }
            if (querySplits.count) {
                listAttentionFold_bf16<<<dim3(querySplits.count, C / 32), dim3(32, 8), 1024>>>(querySplits, q.partial, 0, H, D, g.dQuery, g.dQuery);
            }
        };
        const double bytes = 5 * source + row + perEntry * 8 + uses * 32.0;  // queries, keys and dOut in, three gradients out
        report("list attention gather b4", shape + text(", pieces of %d", longest), bytes, 0, [&] { gather(true); });
        report("list attention gather b2", shape + text(", pieces of %d", longest), bytes, 0, [&] { gather(false); });
        if (longest == 32) {
            report("  keys alone", text("%d pieces, %d partial", keyPieces.count, keyPlan.partials), 0, 0, [&] { listAttentionKeys_64_b4<<<keyPieces.count, 96>>>(a, g, keyPieces, keyUses); });
            report("  queries alone", text("%d pieces, %d partial", queryPieces.count, queryPlan.partials), 0, 0, [&] { listAttentionQueries_64_b4<<<queryPieces.count, 96>>>(a, q, queryPieces, queryUses); });
            repeats("list attention", dQkv, (size_t)sources * 3 * C * 2, [] {}, [&] {
                forward();
                logits();
                gather(true);
            });
        }
    }
    freeAll();
}
static void listsPart() {
    const int rows = 16384, slots = 8;
    // Later layers: sources are the rows of a tree; the first keys are shared by a tenth of all rows each.
    std::vector<int> queries(rows), keys((size_t)rows * slots, -1);
    for (int sources : {4096, 16384}) {
        std::fill(keys.begin(), keys.end(), -1);
        for (int e = 0; e < rows; e++) {
            queries[e] = sources == rows ? e : (int)(e * 2654435761u % sources);
            for (int s = 0; s < 1 + e % slots; s++) {
                keys[(size_t)e * slots + s] = s == 0 ? e % 10 : (int)((e * 31u + s * 977u) % sources);
            }
        }
        lists("tree", rows, sources, queries, keys, slots);
    }
    // The first layer: sources are the few different inputs, digit times place.
    std::fill(keys.begin(), keys.end(), -1);
    for (int e = 0; e < rows; e++) {
        for (int s = 0; s < 1 + e % slots; s++) {
            keys[(size_t)e * slots + s] = s * 10 + (int)((e * 31u + s * 977u) % 10);
        }
        queries[e] = keys[(size_t)e * slots + e % slots];
    }
    lists("inputs", rows, 80, queries, keys, slots);
}

// What the children of the benchmark share.
struct Shared {
    double copyRate;
    int unstable;
};

static void describeCard(Shared& shared) {
    cudaDeviceProp device;
    int driver = 0;
    CHECK(cudaGetDeviceProperties(&device, 0));
    CHECK(cudaDriverGetVersion(&driver));
    const size_t bytes = (size_t)1 << 30;
    void *from = allocate(bytes), *to = allocate(bytes);
    CHECK(cudaMemset(from, 1, bytes));
    shared.copyRate = 2.0 * bytes / microseconds([&] { CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice)); }) * 1e6;
    freeAll();
    printf("%s, driver for CUDA %d, copy %.0f GB/s; not measured here: products %.0f TFLOP/s, float32 %.0f\n", device.name, driver, shared.copyRate * 1e-9,
           productRate * 1e-12, singleRate * 1e-12);
}

// A part runs in a child, so that a fault in one does not end the others.
static bool runChild(const char* name, const std::function<void()>& run) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(240);
        run();
        fflush(stdout);
        _Exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status) {
        printf("FAIL %s: the process ended with status %d\n", name, status);
        fflush(stdout);
    }
    return status == 0;
}

int main(int count, char** arguments) {
    const char* filter = count > 1 ? arguments[1] : "";
    Shared& shared = *new (mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Shared{copyRate, 0};
    int failed = !runChild("copy rate", [&] { describeCard(shared); });
    copyRate = shared.copyRate;
    const std::vector<std::pair<const char*, void (*)()>> parts{{"attention", attentionPart}, {"any", anyAttentionPart}, {"norm", normPart}, {"rows", rowsPart},
                                                                {"single", singlePart}, {"elements", elementsPart}, {"heads", headsPart}, {"loss", lossPart},
                                                                {"optimizer", optimizerPart}, {"lists", listsPart}, {"embedding", embeddingPart}};
    for (const auto& [name, run] : parts) {
        if (strstr(name, filter)) {
            auto part = run;
            failed += !runChild(name, [&] {
                part();
                shared.unstable += unstable;
            });
        }
    }
    printf("benchmark done, %d parts failed, %d kernels do not repeat\n", failed, shared.unstable);
    return shared.unstable || failed ? 1 : 0;
}
