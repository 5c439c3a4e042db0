// A case of attention, forward and backward, against double-precision loops, for all kernels that compute it.
#pragma once
#include "cases.h"
#include "attention_backward.cuh"

struct AttentionCase {
    int B, length, H, Bp, causal, slopes, sharedHeads, samples;
    float rate;
};

struct AttentionReference {
    Doubles out, logSumExp, dQuery, dKey, dValue, dPositionQuery, dPositionKey;

    // query, key, value and dOut are [B*T, H*D]; position vectors and their gradients are [Bp*T, heads or 1, P].
    AttentionReference(const AttentionCase& c, int D, int P, float scale, float positionScale, const std::vector<float>& slopes, const Dropout& dropout,
                       const Doubles& query, const Doubles& key, const Doubles& value, const Doubles& positionQuery, const Doubles& positionKey,
                       const Doubles& dOut) {
        const int T = c.length, heads = c.sharedHeads ? 1 : c.H, C = c.H * D;
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

// Launch says which kernels are tested: the type T of activations, a NAME, elements PAD behind each row, and forward and backward passes in
// VARIANTS that have to give the same.
template <class Launch> void testAttention(const AttentionCase& c, int D, int P) {
    typedef typename Launch::T T;
    std::string name = format("attention%s D%d P%d B%d T%d%s%s", Launch::NAME, D, P, c.B, c.length, c.causal ? " causal" : " full", c.slopes ? " slopes" : "");
    name += format("%s%s", c.rate > 0 ? " drop" : "", c.sharedHeads ? " one-head" : "") + (P ? format(" windows %d samples %d", c.Bp, c.samples) : "");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const int B = c.B, L = c.length, H = c.H, C = H * D, stride = 3 * C + Launch::PAD, heads = c.sharedHeads ? 1 : H, windows = std::max(1, c.Bp);
    const int positionStride = std::max(8, 2 * heads * P + (Launch::PAD % 8)), positionHead = c.sharedHeads ? 0 : P;
    const size_t rows = (size_t)B * L, groups = P ? B / windows / c.samples : 1;
    const size_t partial = P ? groups * windows * L * H * P : 1, target = P ? (size_t)windows * L * heads * P : 1;
    const float scale = 1 / std::sqrt((float)D), positionScale = P ? 0.7f : 0.f;
    std::vector<float> slopes;
    for (int h = 0; c.slopes && h < H; h++) {
        slopes.push_back(std::pow(2.f, -1.5f * (h + 1)));
    }
    Floats slopeBuffer(slopes.empty() ? std::vector<float>(1) : slopes);
    const Dropout dropout = dropoutOf(c.rate, 0x123456789ABCDEFull);
    Buffer<T> qkv(rows * stride), positions((size_t)windows * L * positionStride), dOut(rows * C), out(rows * C), dQkv(rows * stride);
    fillNormal(qkv);
    fillNormal(positions);
    fillNormal(dOut);
    Floats logSumExp((size_t)B * H * L), delta((size_t)B * H * L);
    Floats partQuery(partial), partKey(partial), dPositionQuery(target), dPositionKey(target);
    auto part = [&](int k) { return HeadsOf<T>{qkv.data() + k * C, stride, D}; };
    auto dPart = [&](int k) { return HeadsTo<T>{dQkv.data() + k * C, stride, D}; };
    auto positionPart = [&](int k) { return HeadsOf<T>{positions.data() + k * heads * P, positionStride, positionHead}; };
    const AttentionArgumentsOf<T> a{part(0), part(1), part(2), positionPart(0), positionPart(1), {out.data(), C, D}, logSumExp.data(),
                               c.slopes ? slopeBuffer.data() : nullptr, dropout, B, L, H, c.Bp, c.causal, scale, positionScale};
    const AttentionGradientsOf<T> d{{dOut.data(), C, D}, dPart(0), dPart(1), dPart(2), delta.data(), partQuery.data(), partKey.data(), P ? c.samples : 1};
    auto columns = [&](Buffer<T>& b, size_t count, int rowStride, int from, int width) {
        Doubles r(count * width);
        for (size_t i = 0; i < r.size(); i++) {
            r[i] = valueOf(b[i / width * rowStride + from + i % width]);
        }
        return r;
    };
    const size_t positionRows = (size_t)windows * L;
    const Doubles none(1);
    AttentionReference r(c, D, P, scale, positionScale, slopes, dropout, columns(qkv, rows, stride, 0, C), columns(qkv, rows, stride, C, C),
                         columns(qkv, rows, stride, 2 * C, C), P ? columns(positions, positionRows, positionStride, 0, heads * P) : none,
                         P ? columns(positions, positionRows, positionStride, heads * P, heads * P) : none, columns(dOut, rows, C, 0, C));
    // With one visible key the gradients of queries and keys are 0, and what is left is the rounding of out: absolute then.
    // With one visible key the gradients of queries and keys are 0, and what is left is the rounding of out: absolute then.
    const double limit = sizeof(T) == 2 ? 6e-3 : 1e-5, floor = L == 1 ? 1.2 : L < 8 ? 0.3 : 0;
    for (int variant = 0; variant < Launch::VARIANTS; variant++) {
        memset(out.data(), 0xff, out.n * sizeof(T));
        memset(dQkv.data(), 0xff, dQkv.n * sizeof(T));
        Launch::forward(a, D, P, variant);
        test.whole("out", r.out, out, limit);
        test.whole("logSumExp", r.logSumExp, logSumExp, sizeof(T) == 2 ? 1e-4 : 1e-5, 1);
        Launch::backward(a, d, D, P, variant);
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
            LAUNCH(128, gridOf(ceilDivide(target, 128)), dim3(128), 0, positionFold(parts, groups, windows * L, H, P, to, heads * P, positionHead));
        }
        test.whole("dPositionQuery", r.dPositionQuery, dPositionQuery, limit, floor);
        test.whole("dPositionKey", r.dPositionKey, dPositionKey, limit, floor);
    }
    test.expect(dQkv.isIntact() && delta.isIntact() && partQuery.isIntact() && partKey.isIntact(), "WRITTEN OUT OF BOUNDS");
    if (L == 150) {  // another order of the warps, the same bits
        const std::vector<T> before(dQkv.data(), dQkv.data() + dQkv.n);
        const std::vector<float> beforePart(partQuery.data(), partQuery.data() + partial);
        Launch::backward(a, d, D, P, Launch::VARIANTS - 1);
        test.expect(!memcmp(before.data(), dQkv.data(), dQkv.n * sizeof(T)) && !memcmp(beforePart.data(), partQuery.data(), partial * 4), "NOT REPEATABLE");
    }
}
