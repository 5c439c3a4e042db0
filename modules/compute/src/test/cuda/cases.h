// What the cases share: memory between guards, random numbers, the dropout mask, and comparisons with double-precision loops.
#pragma once
#ifdef ON_GPU
#include "on_gpu.h"
#else
#include "emulation.h"
#endif
#include <chrono>
#include <random>
#include <string>
#include "common.cuh"

#ifdef ON_GPU
#define DATA_OF_BUFFER __host__ __device__
#else
#define DATA_OF_BUFFER
#endif

typedef std::vector<double> Doubles;

// Memory between guards, which show writes out of bounds. It starts as NaN, so that what was never written, and what was read out of
// bounds, shows too. A handle that kernels copy; the memory is freed when its case ends.
inline std::vector<void*> caseMemory;
template <class T> struct Buffer {
    static constexpr size_t GUARD = 4096;
    T* p;
    size_t n;
    explicit Buffer(size_t count) : n(count) {
        caseMemory.push_back(newMemory((count * sizeof(T) + 2 * GUARD + 127) / 128 * 128));
        char* raw = (char*)caseMemory.back();
        memset(raw, 0xff, count * sizeof(T) + 2 * GUARD);
        memset(raw, 0xC3, GUARD);
        p = (T*)(raw + GUARD);
        memset((char*)(p + n), 0xC3, GUARD);
    }
    explicit Buffer(const std::vector<T>& values) : Buffer(values.size()) { std::copy(values.begin(), values.end(), p); }
    DATA_OF_BUFFER T* data() const { return p; }
    T& operator[](size_t i) { return p[i]; }
    bool isIntact() const {
        const unsigned char *before = (const unsigned char*)p - GUARD, *behind = (const unsigned char*)(p + n);
        for (size_t i = 0; i < GUARD; i++) {
            if (before[i] != 0xC3 || behind[i] != 0xC3) {
                return false;
            }
        }
        return true;
    }
};
typedef Buffer<bf16> Halves;
typedef Buffer<float> Floats;

inline std::mt19937 generator;
inline std::normal_distribution<float> distribution;
inline float normal() { return distribution(generator); }
inline int below(int n) { return (int)(generator() % (unsigned)n); }
inline double valueOf(bf16 x) { return toFloat(x); }
inline double valueOf(float x) { return x; }
inline double valueOf(double x) { return x; }
inline void fillNormal(Halves& b, float scale = 1) {
    for (size_t i = 0; i < b.n; i++) {
        b[i] = toBf16(scale * normal());
    }
}
inline void fillNormal(Floats& b, float scale = 1) {
    for (size_t i = 0; i < b.n; i++) {
        b[i] = scale * normal();
    }
}
template <class B> Doubles copyOf(B& b) {
    Doubles r(b.n);
    for (size_t i = 0; i < b.n; i++) {
        r[i] = valueOf(b[i]);
    }
    return r;
}
inline size_t ceilDivide(size_t n, size_t d) { return (n + d - 1) / d; }
inline dim3 gridOf(size_t x, size_t y = 1, size_t z = 1) { return dim3((unsigned)x, (unsigned)y, (unsigned)z); }
inline unsigned wholeWarps(size_t threads) { return (unsigned)ceilDivide(threads, 32) * 32; }

inline Dropout dropoutOf(float rate, u64 key) { return {key, (unsigned)(rate * 2147483648.0), 1 / (1 - rate)}; }
// Dropout.factor of Dropout.java, written a second time.
inline double maskOf(const Dropout& dropout, u64 row, int column) {
    if (dropout.threshold == 0) {
        return 1;
    }
    u64 z = dropout.key + (row + 1) * 0x9E3779B97F4A7C15ull;
    z ^= z >> 30;
    z *= 0xBF58476D1CE4E5B9ull;
    z ^= z >> 27;
    z *= 0x94D049BB133111EBull;
    z ^= z >> 31;
    uint32_t x = (uint32_t)(z >> 32) + (uint32_t)column * 0x9E3779B9u;
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return (x >> 1) < dropout.threshold ? 0 : dropout.keep;
}

// How far a run is. On a card it lies in memory that is shared with the process that watches over the cases (main.cc).
struct Progress {
    int wanted = 0, count = 0, failures = 0;
    uint64_t hash = 14695981039346656037ull;  // of all results: runs that should agree bitwise show the same
    char name[200] = "";
};

// One case: compares results with references and prints one line when it ends. A failure names the worst element.
struct Case {
    static inline Progress* progress;
    static inline const char* filter = "";
    static inline int share = 0, shares = 1, matching = 0;  // every shares-th case, so that processes divide them
    static inline int skipped = 0;  // wanted cases that an earlier process has met
    std::string name, text, details;
    bool good = true;
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();

    static bool isWanted(const std::string& name) {
        if (!strstr(name.c_str(), filter) || matching++ % shares != share || skipped-- > 0) {
            return false;
        }
        progress->wanted++;
        snprintf(progress->name, sizeof progress->name, "%s", name.c_str());
        beginCase();
        return true;
    }
    // A case has the same numbers whether it runs alone or after others.
    explicit Case(std::string n) : name(std::move(n)) {
        std::seed_seq seed(name.begin(), name.end());
        generator.seed(seed);
        distribution.reset();
    }
    void expect(bool ok, const char* what) {
        if (!ok) {
            good = false;
            text += std::string(" ") + what;
        }
    }
    // The error's norm relative to the reference's; `floor` is a norm of an element below which errors count as absolute.
    template <class F> void compare(const char* what, const Doubles& reference, F&& actual, double limit, double floor = 0) {
        double error = 0, size = 0, worst = -1;
        size_t at = 0;
        for (size_t i = 0; i < reference.size(); i++) {
            const double v = actual(i), d = std::isfinite(v) ? std::abs(v - reference[i]) : INFINITY;
            uint64_t bits;
            memcpy(&bits, &v, 8);
            progress->hash = (progress->hash ^ bits) * 1099511628211ull;
            error += d * d;
            size += reference[i] * reference[i];
            if (d > worst) {
                worst = d;
                at = i;
            }
        }
        const double relative = std::sqrt(error) / std::max({std::sqrt(size), floor * std::sqrt((double)reference.size()), 1e-30});
        char s[160];
        snprintf(s, sizeof s, " %s %.1e", what, relative);
        text += s;
        if (!(relative <= limit)) {
            good = false;
            snprintf(s, sizeof s, "\n     %s: error %.2e above %.1e; worst element %zu of %zu: expected %.8g, found %.8g", what, relative, limit, at,
                     reference.size(), reference[at], (double)actual(at));
            details += s;
        }
    }
    template <class B> void whole(const char* what, const Doubles& reference, B& b, double limit, double floor = 0) {
        compare(what, reference, [&](size_t i) { return valueOf(b[i]); }, limit, floor);
        expect(b.isIntact(), "WRITTEN OUT OF BOUNDS");
    }
    ~Case() {
        const double ms = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() * 1e3;
        printf("%s %-60s%s  %.0f ms%s\n", good ? "ok  " : "FAIL", name.c_str(), text.c_str(), ms, details.c_str());
        fflush(stdout);
        progress->count++;
        progress->failures += !good;
        for (void* p : caseMemory) {
            freeMemory(p);
        }
        caseMemory.clear();
    }
};
template <class... A> std::string format(const char* pattern, A... values) {
    char s[200];
    snprintf(s, sizeof s, pattern, values...);
    return s;
}

// A file's cases, found by main.
struct Family {
    static inline std::vector<Family*> all;
    const char* name;
    void (*run)();
    Family(const char* name, void (*run)()) : name(name), run(run) { all.push_back(this); }
};
