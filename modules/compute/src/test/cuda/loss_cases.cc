// Cross-entropy, divergence, sums, the clip coefficient and AdamW against double-precision loops.
#include "cases.h"
#include "elementwise.cuh"
#include "losses.cuh"
#include "optimizer.cuh"

template <class T, int THREADS, bool IN_SHARED> void testLoss(int rows, int V, int pitch, float smoothing, bool gradient) {
    const std::string name = format("cross-entropy %s rows %d V %d pitch %d%s%s threads %d%s", sizeof(T) == 2 ? "bf16" : "f32", rows, V, pitch, smoothing > 0 ? " smooth" : "",
                                    gradient ? "" : " loss only", THREADS, IN_SHARED ? " shared" : "");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    Buffer<T> logits((size_t)rows * pitch);
    fillNormal(logits, 2);
    const float scale = 0.8f, factor = 1.f / rows;
    Buffer<int> labels(rows);
    Floats loss(rows);
    Doubles rLoss(rows), rGradient((size_t)rows * pitch);
    for (int r = 0; r < rows; r++) {
        labels[r] = r == 1 ? -1 : r == 2 ? V - 1 : r == 3 ? 0 : below(V);
        T* z = logits.data() + (size_t)r * pitch;
        for (int c = V; c < pitch; c++) {
            fromFloat(c % 2 ? NAN : 1e6f, z[c]);  // padding may hold anything
        }
        if (labels[r] < 0) {
            continue;
        }
        double top = -1e300, sum = 0, all = 0;
        for (int c = 0; c < V; c++) {
            top = std::max(top, scale * valueOf(z[c]));
            all += scale * valueOf(z[c]);
        }
        for (int c = 0; c < V; c++) {
            sum += std::exp(scale * valueOf(z[c]) - top);
        }
        const double logSum = top + std::log(sum);
        rLoss[r] = logSum - (1 - smoothing) * scale * valueOf(z[labels[r]]) - smoothing * all / V;
        for (int c = 0; c < V; c++) {
            const double target = smoothing / V + (c == labels[r] ? 1 - smoothing : 0);
            rGradient[(size_t)r * pitch + c] = factor * scale * (std::exp(scale * valueOf(z[c]) - logSum) - target);
        }
    }
    LAUNCH(THREADS, gridOf(rows), dim3(THREADS), crossEntropyBytes<T>(IN_SHARED, pitch),
           (crossEntropy<T, THREADS, IN_SHARED>(logits.data(), pitch, labels.data(), scale, smoothing, gradient, factor, loss.data(), V)));
    test.whole("loss", rLoss, loss, 1e-5);
    if (gradient) {
        test.whole("gradient", rGradient, logits, sizeof(T) == 2 ? 4e-3 : 1e-5);
        bool clean = true;
        for (size_t i = 0; i < logits.n; i++) {
            clean &= (int)(i % pitch) < V || logits[i] == 0;
        }
        test.expect(clean, "PADDING IS NOT 0");
    }
    test.expect(logits.isIntact(), "WRITTEN OUT OF BOUNDS");
}

// The two log softmaxes, and each side's gradient with the other held fixed.
template <class T, bool KL> void testDivergence(int rows, int K, float beta) {
    const std::string name = format("divergence %s %s rows %d K %d beta %.1f", sizeof(T) == 2 ? "bf16" : "f32", KL ? "kl" : "squares", rows, K, beta);
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const size_t N = (size_t)rows * K;
    const float scale = 0.7f, factor = 0.5f;
    Buffer<T> teacher(N), student(N);
    Floats loss(rows);
    fillNormal(teacher, 2);
    fillNormal(student, 2);
    Doubles rTeacher(N), rStudent(N), rLoss(rows);
    auto logsOf = [&](Buffer<T>& z, int row) {
        Doubles logs(K);
        double top = -1e300, sum = 0;
        for (int j = 0; j < K; j++) {
            top = std::max(top, logs[j] = scale * valueOf(z[(size_t)row * K + j]));
        }
        for (double x : logs) {
            sum += std::exp(x - top);
        }
        for (double& x : logs) {
            x -= top + std::log(sum);
        }
        return logs;
    };
    // d loss / d own_j, and through the softmax to the logits.
    auto gradient = [&](const Doubles& own, const Doubles& other, double share, double* to) {
        Doubles slope(K);
        double sum = 0;
        for (int j = 0; j < K; j++) {
            slope[j] = KL ? std::exp(own[j]) * (1 + own[j] - other[j]) - std::exp(other[j]) : 2 * (own[j] - other[j]);
            sum += slope[j];
        }
        for (int j = 0; j < K; j++) {
            to[j] = factor * share * scale * (slope[j] - std::exp(own[j]) * sum);
        }
    };
    for (int r = 0; r < rows; r++) {
        const Doubles a = logsOf(teacher, r), s = logsOf(student, r);
        for (int j = 0; j < K; j++) {
            const double d = a[j] - s[j];
            rLoss[r] += KL ? std::exp(a[j]) * d - std::exp(s[j]) * d : d * d;
        }
        gradient(a, s, 1 - beta, &rTeacher[(size_t)r * K]);
        gradient(s, a, beta, &rStudent[(size_t)r * K]);
    }
    LAUNCH(128, gridOf(ceilDivide(rows, 4)), dim3(128), 0, (divergence<T, KL>(teacher.data(), student.data(), scale, beta, factor, loss.data(), rows, K)));
    const double limit = sizeof(T) == 2 ? 4e-3 : 1e-5, floor = K == 1 ? 1 : 1e-3;
    test.whole("loss", rLoss, loss, 1e-5, floor);
    test.whole("dTeacher", rTeacher, teacher, limit, floor);
    test.whole("dStudent", rStudent, student, limit, floor);
}

// Sums of n numbers from number `offset` of a vector on, clipping, and Device.adam.
static void testSums(size_t n, size_t offset, float limit) {
    const std::string name = format("sums n %zu from %zu limit %.1f", n, offset, limit);
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const int blocks = 5;
    Floats x(n + 2 * offset), m(x.n), v(x.n), clip(1);
    Buffer<double> parts(blocks), sums(2);
    fillNormal(x);
    fillNormal(m, 0.1f);
    for (size_t i = 0; i < v.n; i++) {
        v[i] = std::abs(normal());
    }
    Doubles rSums(2), rX = copyOf(x), rStep, rM = copyOf(m), rV = copyOf(v);
    for (size_t i = offset; i < offset + n; i++) {
        rSums[0] += x[i];
        rSums[1] += (double)x[i] * x[i];
    }
    float* from = x.data() + offset;
    LAUNCH(256, gridOf(blocks), dim3(256), 64, sumOf<false>(from, n, parts.data()));
    LAUNCH(256, gridOf(1), dim3(256), 64, clipCoefficient(parts.data(), blocks, 1, 0, sums.data(), nullptr));
    LAUNCH(256, gridOf(blocks), dim3(256), 64, sumOf<true>(from, n, parts.data()));
    LAUNCH(256, gridOf(1), dim3(256), 64, clipCoefficient(parts.data(), blocks, 1, 0, sums.data() + 1, nullptr));
    test.whole("sum and squares", rSums, sums, 1e-12);
    LAUNCH(256, gridOf(1), dim3(256), 64, clipCoefficient(sums.data() + 1, 1, 1, limit, sums.data() + 1, clip.data()));
    LAUNCH(256, gridOf(ceilDivide(n, 8 * 256)), dim3(256), 0, scale(from, n, 1.f, clip.data()));
    const double norm = std::sqrt(rSums[1]), coefficient = limit > 0 ? std::min(1.0, limit / (norm + 1e-6)) : 1;
    for (size_t i = offset; i < offset + n; i++) {
        rX[i] *= coefficient;
    }
    test.whole("clipped", rX, x, 1e-6);
    const double b1 = 0.9, b2 = 0.999, epsilon = 1e-8, stepSize = 1e-2 / (1 - b1), root = 1 / std::sqrt(1 - b2);
    rStep = copyOf(x);
    for (size_t i = offset; i < offset + n; i++) {
        const double g = x[i];
        rM[i] = b1 * rM[i] + (1 - b1) * g;
        rV[i] = b2 * rV[i] + (1 - b2) * g * g;
        rStep[i] = stepSize * rM[i] / (std::sqrt(rV[i]) * root + epsilon);
    }
    const AdamRates rates{1e-2f, (float)b1, (float)b2, (float)(1 - b1), (float)(1 - b2), (float)epsilon, (float)stepSize, (float)root};
    LAUNCH(256, gridOf(ceilDivide(n, 4 * 256)), dim3(256), 0, adam(from, m.data() + offset, v.data() + offset, n, rates));
    test.whole("step", rStep, x, 1e-5);
    test.whole("m", rM, m, 1e-6);
    test.whole("v", rV, v, 1e-6);
    const double nan = NAN;
    sums[0] = nan;
    LAUNCH(256, gridOf(1), dim3(256), 64, clipCoefficient(sums.data(), 1, 1, limit, sums.data(), clip.data()));
    test.expect(clip[0] == 1, "A NORM THAT IS NOT A NUMBER CLIPS");
}

static void testAdam(size_t n) {
    const std::string name = format("AdamW n %zu", n);
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const int blocks = 5;
    Floats p(n), g(n), m(std::vector<float>(n, 0.f)), v(std::vector<float>(n, 0.f)), clip(1);
    Halves shadow(n);
    Buffer<double> parts(blocks), sum(1);
    fillNormal(p);
    Doubles rP = copyOf(p), rM(n), rV(n);
    Buffer<u64> ends(std::vector<u64>{n / 3, n / 3 + n / 2 - n / 6, n});  // no multiples of 4
    Floats decay(std::vector<float>{0.1f, 0, 0.2f});
    const double rate = 1e-2, b1 = 0.9, b2 = 0.999, epsilon = 1e-8, limit = 0.5, scale = 0.25;
    for (int t = 1; t <= 3; t++) {
        fillNormal(g, 0.1f);
        double squares = 0;
        for (size_t i = 0; i < n; i++) {
            squares += (double)g[i] * g[i];
        }
        LAUNCH(256, gridOf(blocks), dim3(256), 64, sumOf<true>(g.data(), n, parts.data()));
        LAUNCH(256, gridOf(1), dim3(256), 64, clipCoefficient(parts.data(), blocks, (float)scale, (float)limit, sum.data(), clip.data()));
        const double c = std::min(1.0, limit / (std::sqrt(squares) * scale + 1e-6)) * scale;
        test.compare("squares", {squares}, [&](size_t) { return sum[0]; }, 1e-12);
        test.compare("clip", {c}, [&](size_t) { return (double)clip[0]; }, 1e-6);
        const double stepSize = rate / (1 - std::pow(b1, t)), root = 1 / std::sqrt(1 - std::pow(b2, t));
        const AdamRates rates{(float)rate, (float)b1, (float)b2, (float)(1 - b1), (float)(1 - b2), (float)epsilon, (float)stepSize, (float)root};
        LAUNCH(256, gridOf(ceilDivide(n, 4 * 256)), dim3(256), 0,
               adamW(p.data(), shadow.data(), g.data(), m.data(), v.data(), n, rates, clip.data(), ends.data(), decay.data(), 3));
        for (size_t i = 0; i < n; i++) {
            const double x = g[i] * c;
            rP[i] *= 1 - rate * decay[i < ends[0] ? 0 : i < ends[1] ? 1 : 2];
            rM[i] = b1 * rM[i] + (1 - b1) * x;
            rV[i] = b2 * rV[i] + (1 - b2) * x * x;
            rP[i] -= stepSize * rM[i] / (std::sqrt(rV[i]) * root + epsilon);
        }
    }
    test.whole("p", rP, p, 1e-6);
    test.whole("m", rM, m, 1e-6);
    test.whole("v", rV, v, 1e-6);
    test.whole("shadow", rP, shadow, 4e-3);
    bool rounded = true;
    for (size_t i = 0; i < n; i++) {
        rounded &= shadow[i] == toBf16(p[i]);
    }
    test.expect(rounded, "SHADOW IS NOT THE ROUNDED PARAMETER");
    test.expect(parts.isIntact() && clip.isIntact() && sum.isIntact(), "WRITTEN OUT OF BOUNDS");
}

static Family family("losses", [] {
    testLoss<bf16, 256, false>(5, 11, 16, 0, true);
    testLoss<bf16, 32, false>(5, 11, 11, 0.1f, true);
    testLoss<bf16, 32, false>(9, 259, 259, 0, true);
    testLoss<bf16, 256, false>(7, 1000, 1000, 0.1f, true);
    testLoss<bf16, 256, false>(9, 1001, 1003, 0.1f, true);
    testLoss<bf16, 256, false>(4, 8191, 8192, 0, false);
    testLoss<bf16, 512, false>(3, 50257, 50257, 0, true);
    testLoss<bf16, 1024, false>(3, 50257, 50304, 0.1f, true);
    testLoss<bf16, 256, true>(5, 11, 16, 0, true);
    testLoss<bf16, 256, true>(9, 1001, 1003, 0.1f, true);
    testLoss<bf16, 256, true>(9, 8190, 8190, 0.1f, true);
    testLoss<bf16, 256, true>(3, 50257, 50304, 0, true);
    testLoss<bf16, 512, true>(9, 50257, 50257, 0, true);
    testLoss<bf16, 512, true>(3, 50304, 50304, 0.1f, true);
    testLoss<bf16, 512, true>(3, 50257, 50304, 0, false);
    testLoss<bf16, 1024, true>(3, 50257, 50304, 0.1f, true);
    testLoss<float, 32, false>(5, 11, 11, 0.1f, true);
    testLoss<float, 32, false>(9, 259, 259, 0, true);
    testLoss<float, 256, false>(9, 1001, 1003, 0.1f, true);
    testLoss<float, 512, false>(3, 50257, 50257, 0.1f, true);
    testLoss<float, 1024, false>(3, 50257, 50304, 0, false);
    testLoss<float, 256, true>(9, 1001, 1003, 0.1f, true);
    testDivergence<float, true>(1, 1, 1);
    testDivergence<float, true>(37, 32, 1);
    testDivergence<float, true>(9, 131, 0.3f);
    testDivergence<float, false>(13, 33, 0.7f);
    testDivergence<bf16, true>(11, 65, 0.3f);
    testDivergence<bf16, false>(5, 40, 0);
    testAdam(1);
    testAdam(7);
    testAdam(1000);
    testAdam(4099);
    testSums(1, 0, 0.5f);
    testSums(4099, 3, 0.5f);
    testSums(5120, 0, 0);
    testSums(777, 1, 1e6f);
});
