// The residual connection with Device.layerNorm in one pass, and its backward with the gradients of the residual stream and of the
// bias before it.
#pragma once
#include "common.cuh"

// sum = residual + drop(delta); out = (sum - mean) * rstd * weight + bias. X is the type of the residual stream, T that of the branches. A
// warp has a row and keeps it in registers: C <= 256 * VECTORS; with VECTORS 0 it reads the row again for each step, whatever C is.
// Where delta is null this is a plain layer norm, and sum is not written. sum may be residual. mean and rstd may be null in
// evaluation. Launch: grid ceil(rows / warps of a block).
template <class X, class T, int VECTORS>
DEVICE void addLayerNorm(const X* residual, const T* delta, const float* weight, const float* bias, float epsilon, const Dropout& dropout,
                         X* sum, T* out, float* mean, float* rstd, int rows, int C) {
    const int row = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP, lane = threadIdx.x % WARP;
    if (row >= rows) {
        return;  // whole warps
    }
    constexpr int KEPT = VECTORS ? VECTORS : 1;
    const int vectors = VECTORS ? VECTORS : (C + 255) / 256;
    const size_t line = (size_t)row * C;
    float x[KEPT][8], total = 0, squares = 0;
    const X* again = (delta ? sum : residual) + line;
    const unsigned hash = delta && dropout.threshold ? dropoutRow(dropout.key, row) : 0u;
#pragma unroll
    for (int v = 0; v < vectors; v++) {
        const int c = 8 * (lane + WARP * v);
        float(&now)[8] = x[v % KEPT];
        readSome(residual + line + c, C - c, now);
        if (delta && c < C) {
            float d[8];
            readSome(delta + line + c, C - c, d);
            if (dropout.threshold) {
                drop8(d, hash, c, dropout);
            }
#pragma unroll
            for (int i = 0; i < 8; i++) {
                X kept;
                fromFloat(now[i] + d[i], kept);
                now[i] = toFloat(kept);  // the backward pass sees rounded numbers, and so does this one
            }
            writeSome(sum + line + c, C - c, now);
        }
#pragma unroll
        for (int i = 0; i < 8; i++) {
            total += now[i];
        }
    }
    const float m = sumLanes<WARP>(total) / C;
#pragma unroll
    for (int v = 0; v < vectors; v++) {
        const int c = 8 * (lane + WARP * v);
        if (!VECTORS) {
            readSome(again + c, C - c, x[0]);
        }
#pragma unroll
        for (int i = 0; i < 8; i++) {
            const float distance = c + i < C ? x[v % KEPT][i] - m : 0.f;
            squares += distance * distance;
        }
    }
    const float r = inverseRoot(sumLanes<WARP>(squares) / C + epsilon);
#pragma unroll
    for (int v = 0; v < vectors; v++) {
        const int c = 8 * (lane + WARP * v);
        if (c < C) {
            float w[8], b[8];
            readSome(weight + c, C - c, w);
            readSome(bias + c, C - c, b);
            if (!VECTORS) {
                readSome(again + c, C - c, x[0]);
            }
#pragma unroll
            for (int i = 0; i < 8; i++) {
                w[i] = (x[v % KEPT][i] - m) * r * w[i] + b[i];
            }
            writeSome(out + line + c, C - c, w);
        }
    }
    if (lane == 0 && mean) {
        mean[row] = m;
        rstd[row] = r;
    }
}

// The gradient of the layer norm is added to dX, which holds the residual's, or written over it where not `accumulate`; dX may then be
// dOut. Where dDelta is not null, dDelta = drop(dX): the gradient of the branch whose output was added to x, ready for its products.
// Block b owns rows [b * each, (b + 1) * each) and writes parts[b]: the column sums for the weight [C], the bias [C] and, with dDelta,
// for the bias that ended the branch [C].
//
// A thread has 8 columns and a block has whole rows, one after another: the three column sums take 24 registers of a thread
// whatever C is, and many blocks fit on a processor. The next row is under way while this one is computed.
// C <= 8192. Launch: grid ceil(rows / each), block ceil(C / 8) up to whole warps, 512 bytes of shared memory.
template <class X, class T>
DEVICE void layerNormBackward(const T* dOut, const X* x, const float* weight, const float* mean, const float* rstd, X* dX, int accumulate,
                              T* dDelta, const Dropout& dropout, float* parts, int rows, int C, int each) {
    SHARED_MEMORY(float2, warpSums);  // [2][32]: rows take turns, so that one barrier a row is enough
    const int warp = threadIdx.x / WARP, warps = blockDim.x / WARP, c = 8 * threadIdx.x, end = min(rows, ((int)blockIdx.x + 1) * each);
    const int count = C - c;  // threads behind the last column follow along with zeros: the barriers need them
    float w[8], dWeight[8] = {}, dBias[8] = {}, dBranch[8] = {};
    readSome(weight + c, count, w);
    struct Row {
        float dOut[8], x[8], dX[8], mean, rstd;
    };
    auto load = [&](Row& to, int row) {
        const size_t at = (size_t)row * C + c;
        readSome(dOut + at, count, to.dOut);
        readSome(x + at, count, to.x);
        readSome(dX + at, accumulate ? count : 0, to.dX);
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
        float(&g)[8] = now.dOut, a = 0, b = 0;
#pragma unroll
        for (int i = 0; i < 8; i++) {
            now.x[i] = (now.x[i] - now.mean) * now.rstd;
            dBias[i] += g[i];
            dWeight[i] += g[i] * now.x[i];
            g[i] *= w[i];
            a += g[i];
            b += g[i] * now.x[i];
        }
        a = sumLanes<WARP>(a);
        b = sumLanes<WARP>(b);
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
        writeSome(dX + (size_t)row * C + c, count, now.dX);
        if (dDelta) {
            if (dropout.threshold) {
                drop8(now.dX, dropoutRow(dropout.key, row), c, dropout);
            }
#pragma unroll
            for (int i = 0; i < 8; i++) {
                dBranch[i] += now.dX[i];
            }
            writeSome(dDelta + (size_t)row * C + c, count, now.dX);
        }
    }
    float* to = parts + (size_t)blockIdx.x * (dDelta ? 3 : 2) * C + c;
    writeSome(to, count, dWeight);
    writeSome(to + C, count, dBias);
    if (dDelta) {
        writeSome(to + 2 * C, count, dBranch);
    }
}
