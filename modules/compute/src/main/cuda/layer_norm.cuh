// The residual connection with Device.layerNorm in one pass, and its backward with the gradients of the residual stream and of the
// bias before it.
#pragma once
#include "common.cuh"

// sum = residual + drop(delta); out = (sum - mean) * rstd * weight + bias. A warp has a row and keeps it in registers: C <= 256 * VECTORS,
// C % 8 == 0. Where delta is null this is a plain layer norm, and sum is not written. sum may be residual. mean and rstd may be
// null in evaluation. Launch: grid ceil(rows / warps of a block).
template <int VECTORS>
DEVICE void addLayerNorm(const float* residual, const bf16* delta, const float* weight, const float* bias, float epsilon, const Dropout& dropout,
                         float* sum, bf16* out, float* mean, float* rstd, int rows, int C) {
    const int row = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP, lane = threadIdx.x % WARP;
    if (row >= rows) {
        return;  // whole warps
    }
    float x[VECTORS][8], total = 0, squares = 0;
    const unsigned hash = delta && dropout.threshold ? dropoutRow(dropout.key, row) : 0u;
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
        const int c = 8 * (lane + WARP * v);
        if (c < C) {
            load8(residual + (size_t)row * C + c, x[v]);
            if (delta) {
                float d[8];
                unpack(load8(delta + (size_t)row * C + c), d);
                if (dropout.threshold) {
                    drop8(d, hash, c, dropout);
                }
#pragma unroll
                for (int i = 0; i < 8; i++) {
                    x[v][i] += d[i];
                }
                store8(sum + (size_t)row * C + c, x[v]);
            }
#pragma unroll
            for (int i = 0; i < 8; i++) {
                total += x[v][i];
            }
        }
    }
    const float m = sumLanes<WARP>(total) / C;
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
        if (8 * (lane + WARP * v) < C) {
#pragma unroll
            for (int i = 0; i < 8; i++) {
                squares += (x[v][i] - m) * (x[v][i] - m);
            }
        }
    }
    const float r = inverseRoot(sumLanes<WARP>(squares) / C + epsilon);
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
        const int c = 8 * (lane + WARP * v);
        if (c < C) {
            float w[8], b[8];
            load8(weight + c, w);
            load8(bias + c, b);
#pragma unroll
            for (int i = 0; i < 8; i++) {
                w[i] = (x[v][i] - m) * r * w[i] + b[i];
            }
            store8(out + (size_t)row * C + c, pack(w));
        }
    }
    if (lane == 0 && mean) {
        mean[row] = m;
        rstd[row] = r;
    }
}

// The gradient of the layer norm is added to dX, which holds the residual's. Where dDelta is not null, dDelta = drop(dX) as bfloat16: the
// gradient of the branch whose output was added to x, ready for its products. Block b owns rows [b * each, (b + 1) * each) and writes
// parts[b]: the column sums for the weight [C], the bias [C] and, with dDelta, for the bias that ended the branch [C].
//
// A thread has 8 columns and a block has whole rows, one after another: the three column sums take 24 registers of a thread
// whatever C is, and many blocks fit on a processor. The next row is under way while this one is computed.
// C % 8 == 0, C <= 8192. Launch: grid ceil(rows / each), block ceil(C / 8) up to whole warps, 512 bytes of shared memory.
DEVICE void layerNormBackward(const bf16* dOut, const float* x, const float* weight, const float* mean, const float* rstd, float* dX,
                              bf16* dDelta, const Dropout& dropout, float* parts, int rows, int C, int each) {
    SHARED_MEMORY(float2, warpSums);  // [2][32]: rows take turns, so that one barrier a row is enough
    const int warp = threadIdx.x / WARP, warps = blockDim.x / WARP, c = 8 * threadIdx.x, end = min(rows, ((int)blockIdx.x + 1) * each);
    const bool active = c < C;
    const int column = active ? c : 0;
    float w[8], dWeight[8] = {}, dBias[8] = {}, dBranch[8] = {};
    load8(weight + column, w);
    struct Row {
        Bf16x8 dOut;
        float x[8], dX[8], mean, rstd;
    };
    auto load = [&](Row& to, int row) {
        const size_t at = (size_t)row * C + column;
        to.dOut = load8(dOut + at);
        load8(x + at, to.x);
        load8(dX + at, to.dX);
        to.mean = mean[row];
        to.rstd = rstd[row];
    };
    Row next;
    load(next, blockIdx.x * each);
    for (int row = blockIdx.x * each; row < end; row++) {
        Row now = next;
        if (row + 1 < end) {
            load(next, row + 1);
        }
        float g[8], a = 0, b = 0;
        unpack(now.dOut, g);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            now.x[i] = (now.x[i] - now.mean) * now.rstd;
            dBias[i] += g[i];
            dWeight[i] += g[i] * now.x[i];
            g[i] *= w[i];
            a += g[i];
            b += g[i] * now.x[i];
        }
        a = sumLanes<WARP>(active ? a : 0.f);
        b = sumLanes<WARP>(active ? b : 0.f);
        float2* turn = warpSums + row % 2 * 32;
        if (threadIdx.x % WARP == 0) {
            turn[warp] = float2{a, b};
        }
        __syncthreads();
        a = b = 0;
        for (int k = 0; k < warps; k++) {
            a += turn[k].x;
            b += turn[k].y;
        }
        a /= C;
        b /= C;
#pragma unroll
        for (int i = 0; i < 8; i++) {
            now.dX[i] += (g[i] - a - now.x[i] * b) * now.rstd;
        }
        if (active) {
            store8(dX + (size_t)row * C + c, now.dX);
        }
        if (dDelta) {
            if (dropout.threshold) {
                drop8(now.dX, dropoutRow(dropout.key, row), c, dropout);
            }
#pragma unroll
            for (int i = 0; i < 8; i++) {
                dBranch[i] += now.dX[i];
            }
            if (active) {
                store8(dDelta + (size_t)row * C + c, pack(now.dX));
            }
        }
    }
    if (active) {
        float* to = parts + (size_t)blockIdx.x * (dDelta ? 3 : 2) * C + c;
        store8(to, dWeight);
        store8(to + C, dBias);
        if (dDelta) {
            store8(to + 2 * C, dBranch);
        }
    }
}
