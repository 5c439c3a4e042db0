// Cross-entropy, sums of squares, the clip coefficient and AdamW against double-precision loops.
#include "cases.h"
#include "losses.cuh"
#include "optimizer.cuh"

template <int THREADS, bool IN_SHARED> void testLoss(int rows, int V, int pitch, float smoothing, bool gradient) {
    const std::string name = format("cross-entropy rows %d V %d pitch %d%s%s threads %d%s", rows, V, pitch, smoothing > 0 ? " smooth" : "",
                                    gradient ? "" : " loss only", THREADS, IN_SHARED ? " shared" : "");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    Halves logits((size_t)rows * pitch);
    fillNormal(logits, 2);
    const float scale = 0.8f, factor = 1.f / rows;
    Buffer<int> labels(rows);
    Floats loss(rows);
    Doubles rLoss(rows), rGradient((size_t)rows * pitch);
    for (int r = 0; r < rows; r++) {
        labels[r] = r == 1 ? -1 : r == 2 ? V - 1 : r == 3 ? 0 : below(V);
        bf16* z = logits.data() + (size_t)r * pitch;
        for (int c = V; c < pitch; c++) {
            z[c] = c % 2 ? 0xffff : toBf16(1e6f);  // padding may hold anything
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
    LAUNCH(THREADS, gridOf(rows), dim3(THREADS), crossEntropyBytes(IN_SHARED, pitch),
           (crossEntropy<THREADS, IN_SHARED>(logits.data(), pitch, labels.data(), scale, smoothing, gradient, factor, loss.data(), V)));
    test.whole("loss", rLoss, loss, 1e-5);
    if (gradient) {
        test.whole("gradient", rGradient, logits, 4e-3);
        bool clean = true;
        for (size_t i = 0; i < logits.n; i++) {
            clean &= (int)(i % pitch) < V || logits[i] == 0;
        }
        test.expect(clean, "PADDING IS NOT 0");
    }
    test.expect(logits.isIntact(), "WRITTEN OUT OF BOUNDS");
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
        LAUNCH(256, gridOf(blocks), dim3(256), 64, sumOfSquares(g.data(), n, parts.data()));
        LAUNCH(256, gridOf(1), dim3(256), 64, clipCoefficient(parts.data(), blocks, (float)scale, (float)limit, sum.data(), clip.data()));
        const double c = std::min(1.0, limit / (std::sqrt(squares) * scale + 1e-6)) * scale;
        test.compare("squares", {squares}, [&](size_t) { return sum[0]; }, 1e-12);
        test.compare("clip", {c}, [&](size_t) { return (double)clip[0]; }, 1e-6);
        const double stepSize = rate / (1 - std::pow(b1, t)), root = 1 / std::sqrt(1 - std::pow(b2, t));
        const AdamRates rates{(float)rate, (float)b1, (float)b2, (float)(1 - b1), (float)(1 - b2), (float)epsilon, (float)stepSize, (float)root};
        LAUNCH(256, gridOf(ceilDivide(n, 4 * 256)), dim3(256), 0,
               adam(p.data(), shadow.data(), g.data(), m.data(), v.data(), n, rates, clip.data(), ends.data(), decay.data(), 3));
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
    testLoss<256, false>(5, 11, 16, 0, true);
    testLoss<32, false>(5, 11, 11, 0.1f, true);
    testLoss<32, false>(9, 259, 259, 0, true);
    testLoss<256, false>(7, 1000, 1000, 0.1f, true);
    testLoss<256, false>(9, 1001, 1003, 0.1f, true);
    testLoss<256, false>(4, 8191, 8192, 0, false);
    testLoss<512, false>(3, 50257, 50257, 0, true);
    testLoss<1024, false>(3, 50257, 50304, 0.1f, true);
    testLoss<256, true>(5, 11, 16, 0, true);
    testLoss<256, true>(9, 1001, 1003, 0.1f, true);
    testLoss<256, true>(9, 8190, 8190, 0.1f, true);
    testLoss<256, true>(3, 50257, 50304, 0, true);
    testLoss<512, true>(9, 50257, 50257, 0, true);
    testLoss<512, true>(3, 50304, 50304, 0.1f, true);
    testLoss<512, true>(3, 50257, 50304, 0, false);
    testLoss<1024, true>(3, 50257, 50304, 0.1f, true);
    testAdam(1);
    testAdam(7);
    testAdam(1000);
    testAdam(4099);
});
