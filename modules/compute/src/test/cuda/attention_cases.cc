// Attention forward and backward against double-precision loops.
#include "cases.h"
#include "attention_backward.cuh"

struct AttentionCase {
    int B, T, H, Bp, causal, slopes, sharedHeads, samples;
    float rate;
};

struct AttentionReference {
    Doubles out, logSumExp, dQuery, dKey, dValue, dPositionQuery, dPositionKey;

    // query, key, value and dOut are [B*T, H*D]; position vectors and their gradients are [Bp*T, heads or 1, P].
    AttentionReference(const AttentionCase& c, int D, int P, float scale, float positionScale, const std::vector<float>& slopes, const Dropout& dropout,
                       const Doubles& query, const Doubles& key, const Doubles& value, const Doubles& positionQuery, const Doubles& positionKey,
                       const Doubles& dOut) {
        const int T = c.T, heads = c.sharedHeads ? 1 : c.H, C = c.H * D;
        out.assign((size_t)c.B * T * C, 0);
        dQuery = dKey = dValue = out;
        logSumExp.assign((size_t)c.B * c.H * T, 0);
        dPositionQuery.assign((size_t)std::max(1, c.Bp) * T * heads * P, 0);
        dPositionKey = dPositionQuery;
        Doubles weights(T), dWeights(T);
        for (int b = 0; b < c.B; b++) {
            for (int h = 0; h < c.H; h++) {
                auto at = [&](int i) { return ((size_t)b * T + i) * C + h * D; };
                auto positionAt = [&](int i) { return (((size_t)(P ? b % c.Bp : 0) * T + i) * heads + (c.sharedHeads ? 0 : h)) * P; };
                for (int i = 0; i < T; i++) {
                    const int seen = c.causal ? i + 1 : T;
                    const u64 line = ((u64)b * c.H + h) * T + i;
                    double top = -1e300, sum = 0, inner = 0;
                    for (int j = 0; j < seen; j++) {
                        double dot = 0, position = 0, dWeight = 0;
                        for (int d = 0; d < D; d++) {
                            dot += query[at(i) + d] * key[at(j) + d];
                            dWeight += dOut[at(i) + d] * value[at(j) + d];
                        }
                        for (int d = 0; d < P; d++) {
                            position += positionQuery[positionAt(i) + d] * positionKey[positionAt(j) + d];
                        }
                        weights[j] = (dot + positionScale * position) * scale + (slopes.empty() ? 0 : slopes[h] * (j - i));
                        dWeights[j] = dWeight * maskOf(dropout, line, j);
                        top = std::max(top, weights[j]);
                    }
                    for (int j = 0; j < seen; j++) {
                        sum += weights[j] = std::exp(weights[j] - top);
                    }
                    logSumExp[line] = top + std::log(sum);
                    for (int j = 0; j < seen; j++) {
                        weights[j] /= sum;
                        inner += weights[j] * dWeights[j];
                    }
                    for (int j = 0; j < seen; j++) {
                        const double kept = weights[j] * maskOf(dropout, line, j), dLogit = weights[j] * (dWeights[j] - inner) * scale;
                        for (int d = 0; d < D; d++) {
                            out[at(i) + d] += kept * value[at(j) + d];
                            dValue[at(j) + d] += kept * dOut[at(i) + d];
                            dQuery[at(i) + d] += dLogit * key[at(j) + d];
                            dKey[at(j) + d] += dLogit * query[at(i) + d];
                        }
                        for (int d = 0; d < P; d++) {
                            dPositionQuery[positionAt(i) + d] += dLogit * positionScale * positionKey[positionAt(j) + d];
                            dPositionKey[positionAt(j) + d] += dLogit * positionScale * positionQuery[positionAt(i) + d];
                        }
                    }
                }
            }
        }
    }
};

template <int D, int P, int TILES, bool DROP> void runForward(const AttentionArguments& arguments) {
    const AttentionArguments a = arguments;  // a copy that kernels capture
    LAUNCH(128, gridOf(ceilDivide(a.length, 64 * TILES), a.heads, a.batch), dim3(128), (attentionForwardBytes<D, P>()), attentionForward<D, P, TILES, DROP>(a));
}
template <int D, int P, bool DROP, int PIECE> void runBackward(const AttentionArguments& arguments, const AttentionGradients& gradients) {
    const AttentionArguments a = arguments;
    const AttentionGradients d = gradients;
    LAUNCH(128, gridOf(ceilDivide((size_t)a.batch * a.length * a.heads * D / 8, 128)), dim3(128), 0, attentionDelta<D>(a, d));
    const dim3 grid = gridOf(ceilDivide(a.length, 64), a.heads, a.batch / d.samples);
    LAUNCH(128, grid, dim3(128), (BackwardShape<D, P, PIECE>::BYTES), attentionBackward<D, P, DROP, true, PIECE>(a, d));
    LAUNCH(128, grid, dim3(128), (BackwardShape<D, P, PIECE>::BYTES), attentionBackward<D, P, DROP, false, PIECE>(a, d));
}

template <int D, int P> void testAttention(const AttentionCase& c) {
    std::string name = format("attention D%d P%d B%d T%d%s%s", D, P, c.B, c.T, c.causal ? " causal" : " full", c.slopes ? " slopes" : "");
    name += format("%s%s", c.rate > 0 ? " drop" : "", c.sharedHeads ? " one-head" : "") + (P ? format(" windows %d samples %d", c.Bp, c.samples) : "");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const int B = c.B, T = c.T, H = c.H, C = H * D, stride = 3 * C + 8, heads = c.sharedHeads ? 1 : H, windows = std::max(1, c.Bp);
    const int positionStride = std::max(8, 2 * heads * P), positionHead = c.sharedHeads ? 0 : P;
    const size_t rows = (size_t)B * T, groups = P ? B / windows / c.samples : 1;
    const size_t partial = P ? groups * windows * T * H * P : 1, target = P ? (size_t)windows * T * heads * P : 1;
    const float scale = 1 / std::sqrt((float)D), positionScale = P ? 0.7f : 0.f;
    std::vector<float> slopes;
    for (int h = 0; c.slopes && h < H; h++) {
        slopes.push_back(std::pow(2.f, -1.5f * (h + 1)));
    }
    Floats slopeBuffer(slopes.empty() ? std::vector<float>(1) : slopes);
    const Dropout dropout = dropoutOf(c.rate, 0x123456789ABCDEFull);
    Halves qkv(rows * stride), positions((size_t)windows * T * positionStride), dOut(rows * C), out(rows * C), tallOut(rows * C), dQkv(rows * stride);
    fillNormal(qkv);
    fillNormal(positions);
    fillNormal(dOut);
    Floats logSumExp((size_t)B * H * T), tallLogSumExp((size_t)B * H * T), delta((size_t)B * H * T);
    Floats partQuery(partial), partKey(partial), dPositionQuery(target), dPositionKey(target);
    auto part = [&](int k) { return Heads{qkv.data() + k * C, stride, D}; };
    auto dPart = [&](int k) { return HeadsOut{dQkv.data() + k * C, stride, D}; };
    auto positionPart = [&](int k) { return Heads{positions.data() + k * heads * P, positionStride, positionHead}; };
    const AttentionArguments a{part(0), part(1), part(2), positionPart(0), positionPart(1), {out.data(), C, D}, logSumExp.data(),
                               c.slopes ? slopeBuffer.data() : nullptr, dropout, B, T, H, c.Bp, c.causal, scale, positionScale};
    const AttentionGradients d{{dOut.data(), C, D}, dPart(0), dPart(1), dPart(2), delta.data(), partQuery.data(), partKey.data(), P ? c.samples : 1};
    AttentionArguments tall = a;
    tall.out.data = tallOut.data();
    tall.logSumExp = tallLogSumExp.data();
    constexpr int TALL = D < 128 ? 2 : 1;
    auto backward = [&](bool wide) {
        constexpr int PIECE = D == 64 ? 64 : 32;
        if (c.rate > 0) {
            wide ? runBackward<D, P, true, PIECE>(a, d) : runBackward<D, P, true, 32>(a, d);
        } else {
            wide ? runBackward<D, P, false, PIECE>(a, d) : runBackward<D, P, false, 32>(a, d);
        }
    };
    if (c.rate > 0) {
        runForward<D, P, 1, true>(a);
        runForward<D, P, TALL, true>(tall);
    } else {
        runForward<D, P, 1, false>(a);
        runForward<D, P, TALL, false>(tall);
    }
    auto columns = [&](Halves& b, size_t count, int rowStride, int from, int width) {
        Doubles r(count * width);
        for (size_t i = 0; i < r.size(); i++) {
            r[i] = valueOf(b[i / width * rowStride + from + i % width]);
        }
        return r;
    };
    const size_t positionRows = (size_t)windows * T;
    const Doubles none(1);
    AttentionReference r(c, D, P, scale, positionScale, slopes, dropout, columns(qkv, rows, stride, 0, C), columns(qkv, rows, stride, C, C),
                         columns(qkv, rows, stride, 2 * C, C), P ? columns(positions, positionRows, positionStride, 0, heads * P) : none,
                         P ? columns(positions, positionRows, positionStride, heads * P, heads * P) : none, columns(dOut, rows, C, 0, C));
    // With one visible key the gradients of queries and keys are 0, and what is left is the rounding of out: absolute then.
    const double limit = 6e-3, floor = T == 1 ? 1.2 : T < 8 ? 0.3 : 0;
    test.whole("out", r.out, out, limit);
    test.whole("logSumExp", r.logSumExp, logSumExp, 1e-4, 1);
    test.whole("out", r.out, tallOut, limit);
    test.whole("logSumExp", r.logSumExp, tallLogSumExp, 1e-4, 1);
    for (int wide = 0; wide < (D == 64 ? 2 : 1); wide++) {
        memset(dQkv.data(), 0xff, dQkv.n * 2);
        backward(wide);
        test.compare("dQuery", r.dQuery, [&](size_t i) { return valueOf(dQkv[i / C * stride + i % C]); }, limit, floor);
        test.compare("dKey", r.dKey, [&](size_t i) { return valueOf(dQkv[i / C * stride + C + i % C]); }, limit, floor);
        test.compare("dValue", r.dValue, [&](size_t i) { return valueOf(dQkv[i / C * stride + 2 * C + i % C]); }, limit, floor);
    }
    if (P) {
        for (size_t i = 0; i < target; i++) {  // accumulated
            dPositionQuery[i] = 0.5f;
            dPositionKey[i] = -0.25f;
            r.dPositionQuery[i] += 0.5;
            r.dPositionKey[i] -= 0.25;
        }
        for (int k = 0; k < 2; k++) {
            const float* parts = k ? partKey.data() : partQuery.data();
            float* to = k ? dPositionKey.data() : dPositionQuery.data();
            LAUNCH(128, gridOf(ceilDivide(target, 128)), dim3(128), 0, positionFold(parts, groups, windows * T, H, P, to, heads * P, positionHead));
        }
        test.whole("dPositionQuery", r.dPositionQuery, dPositionQuery, limit, floor);
        test.whole("dPositionKey", r.dPositionKey, dPositionKey, limit, floor);
    }
    test.expect(dQkv.isIntact() && delta.isIntact() && partQuery.isIntact() && partKey.isIntact(), "WRITTEN OUT OF BOUNDS");
    if (T == 150) {  // another order of the warps, the same bits
        const std::vector<bf16> before(dQkv.data(), dQkv.data() + dQkv.n);
        const std::vector<float> beforePart(partQuery.data(), partQuery.data() + partial);
        backward(D == 64);
        test.expect(!memcmp(before.data(), dQkv.data(), dQkv.n * 2) && !memcmp(beforePart.data(), partQuery.data(), partial * 4), "NOT REPEATABLE");
    }
}

// EVERY_CASE: all flags at all lengths. Otherwise each length meets a part of them, so that each flag meets each width.
template <int D, int P> void testWidth() {
#ifdef EVERY_CASE
    constexpr bool EVERY = true;
#else
    constexpr bool EVERY = false;
#endif
    int index = 0;
    for (int T : {1, 7, 64, 150}) {
        for (int flags = 0; flags < 8; flags++, index++) {
            AttentionCase c{2, T, 2, 0, flags & 1, flags >> 1 & 1, 0, 1, flags & 4 ? 0.15f : 0.f};
            if (P) {
                c.B = 4;
                c.Bp = flags & 1 ? 1 : 2;
                c.samples = flags & 4 ? 2 : c.Bp == 1 && (flags & 2) ? 4 : 1;
                c.sharedHeads = flags == 3 || flags == 4;
            }
            const bool kept = T == 7 || (T == 1 && flags % 4 == 1) || (T == 64 && (flags == 0 || flags == 5)) || (T == 150 && (flags == 1 || flags == 4 || (D == 64 && flags == 7)));
            if (EVERY || kept) {
                testAttention<D, P>(c);
            }
        }
    }
    if (EVERY || (D == 64 && P == 0)) {
        testAttention<D, P>({2, 513, 1, P ? 1 : 0, 1, 1, 0, P ? 2 : 1, 0.1f});
    }
    if (EVERY) {
        testAttention<D, P>({2, 513, 1, P ? 1 : 0, 0, 0, 0, P ? 2 : 1, 0});
    }
}

static Family family("attention", [] {
    testWidth<64, 0>();
    testWidth<64, 64>();
#ifndef FAULTS  // planted faults are looked for at one width
    testWidth<32, 0>();
    testWidth<32, 32>();
    testWidth<128, 0>();
    testWidth<128, 128>();
#endif
});
