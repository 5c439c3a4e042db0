// Device.attention, in the manner of FlashAttention-2 (Dao 2023): the T x T matrix of logits never leaves the registers.
//
// A block of 4 warps owns 64 * ROW_TILES queries of one head of one sample and goes over the keys in tiles of KEYS: 64, or 32 where two
// stages of 64 do not fit the 99 KB of capability 8.6 and 8.9. A warp owns
// ROW_TILES times 16 queries. Queries and their position vectors stay in registers as operands of width W = D + P. Keys and
// values have two stages of shared memory each: tile j + 1 is on its way while tile j is computed.
//
//     logit(i, j) = scale * (q_i . k_j + positionScale * pq_i . pk_j) + slope_h * (j - i)
//
// The position term is multiplied first, so that positionScale is applied to float32 sums and not to rounded operands.
//
// Launch: grid (ceil(T / (64 * ROW_TILES)), H, B), 128 threads, attentionForwardBytes<D, P, KEYS>() of dynamic shared memory.
#pragma once
#include "tiles.cuh"

// 160 bytes, filled by the host: pointers first, then numbers of 4 bytes.
template <class T> struct AttentionArgumentsOf {
    HeadsOf<T> query, key, value;                 // B*T rows
    HeadsOf<T> positionQuery, positionKey;        // Bp*T rows; sample b reads window b % Bp
    HeadsTo<T> out;                            // B*T rows
    float* logSumExp;                        // [B, H, T], natural logarithm, or null in evaluation
    const float* slopes;                     // [H], or null
    Dropout dropout;                         // row (b*H + h)*T + i, column j
    int batch, length, heads, positionBatch, causal;
    float scale, positionScale;              // scale > 0
};
typedef AttentionArgumentsOf<bf16> AttentionArguments;

template <int D, int P, int KEYS = 64> constexpr int attentionForwardBytes() { return 2 * KEYS * ((D + P + 8) + (D + 8)) * 2; }

// logits = logits * factor + slope * (key - query). distance is key - query of a lane's first element; the bias grows by perColumn
// with a column and by perRow with a row. It is computed in floats because converting an integer for each element would cost
// as much as the exponential.
template <int N> DEVICE void addBias(float (&logits)[N][4], float factor, float slope, float perColumn, float perRow, float distance) {
#pragma unroll
    for (int n = 0; n < N; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            logits[n][i] = logits[n][i] * factor + (slope * distance + perColumn * (8 * n + i % 2) + perRow * (i / 2 * 8));
        }
    }
}

template <int D, int P, int ROW_TILES, bool DROP, int KEYS = 64> DEVICE void attentionForward(const AttentionArguments& a) {
    constexpr int W = D + P, KEY_PITCH = W + 8, VALUE_PITCH = D + 8, STAGE = KEYS * (KEY_PITCH + VALUE_PITCH);
    constexpr int QUERIES = 64 * ROW_TILES, M = ROW_TILES;
    SHARED_MEMORY(bf16, stages);
    const int T = a.length, H = a.heads, b = blockIdx.z, h = blockIdx.y;
    const int warp = threadIdx.x / WARP, lane = threadIdx.x % WARP, g = lane / 4, t = lane % 4;
    // The blocks with the most keys start first when causal, so that short ones fill the end.
    const int query0 = (gridDim.x - 1 - blockIdx.x) * QUERIES, row0 = query0 + warp * 16 * M;
    const size_t sample = (size_t)b * T, window = P ? (size_t)(b % a.positionBatch) * T : 0;
    auto headOf = [&](const Heads& of, size_t row) { return vectorAt(of, row, h, 0); };
    const bf16 *key = headOf(a.key, sample), *value = headOf(a.value, sample);
    const bf16* positionKey = P ? headOf(a.positionKey, window) : nullptr;

    unsigned queries[M][W / 16][4];
#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
        for (int x = 0; x < W / 16; x++) {
            if (x < D / 16) {
                loadLeftGlobal(queries[m][x], headOf(a.query, sample), a.query.row, row0 + 16 * m, 16 * x, T, lane);
            } else {
                loadLeftGlobal(queries[m][x], headOf(a.positionQuery, window), a.positionQuery.row, row0 + 16 * m, 16 * x - D, T, lane);
            }
        }
    }
    float out[M][D / 8][4], top[M][2], total[M][2];
    unsigned hash[M][2];
#pragma unroll
    for (int m = 0; m < M; m++) {
        clear(out[m]);
#pragma unroll
        for (int r = 0; r < 2; r++) {
            top[m][r] = UNSEEN;
            total[m][r] = 0;
            hash[m][r] = DROP ? dropoutRow(a.dropout.key, ((u64)b * H + h) * T + row0 + 16 * m + g + 8 * r) : 0u;
        }
    }

    // Exponents have base 2. Without slopes the logits stay unscaled, and `unit` makes exponents of them in one multiply-add.
    const float exponent = a.scale * LOG2_E, slope = a.slopes ? a.slopes[h] * LOG2_E : 0.f, unit = a.slopes ? 1.f : exponent;
    const int tiles = ((a.causal ? min(T, query0 + QUERIES) : T) + KEYS - 1) / KEYS;
    auto fetch = [&](int tile) {
        bf16* to = stages + tile % 2 * STAGE;
        copyTile<KEYS, D, 128>(to, KEY_PITCH, 0, key, a.key.row, tile * KEYS, T);
        if (P) {
            copyTile<KEYS, P ? P : 8, 128>(to, KEY_PITCH, D, positionKey, a.positionKey.row, tile * KEYS, T);
        }
        copyTile<KEYS, D, 128>(to + KEYS * KEY_PITCH, VALUE_PITCH, 0, value, a.value.row, tile * KEYS, T);
        commitCopies();
    };
    fetch(0);
    for (int tile = 0; tile < tiles; tile++) {
        awaitCopies<0>();
        __syncthreads();  // every thread's part of this tile is here, and nobody reads the other stage any more
        if (tile + 1 < tiles) {
            fetch(tile + 1);
        }
        const int key0 = tile * KEYS;
        if (a.causal && key0 > row0 + 16 * M - 1) {
            continue;  // no query of this warp sees the tile
        }
        const bf16 *keyTile = stages + tile % 2 * STAGE, *valueTile = keyTile + KEYS * KEY_PITCH;
        float logits[M][KEYS / 8][4];
#pragma unroll
        for (int m = 0; m < M; m++) {
            clear(logits[m]);
        }
        auto addLogits = [&](int from, int to) {
#pragma unroll
            for (int x = from; x < to; x++) {
#pragma unroll
                for (int n = 0; n < KEYS / 8; n += 2) {
                    unsigned keys[4];
                    loadRightTransposed(keys, keyTile, KEY_PITCH, 8 * n, 16 * x, lane);
#pragma unroll
                    for (int m = 0; m < M; m++) {
                        multiply(logits[m][n], queries[m][x], keys[0], keys[1]);
                        multiply(logits[m][n + 1], queries[m][x], keys[2], keys[3]);
                    }
                }
            }
        };
        if (P) {
            addLogits(D / 16, W / 16);
#pragma unroll
            for (int m = 0; m < M; m++) {
                scaleAll(logits[m], a.positionScale);
            }
        }
        addLogits(0, D / 16);

#pragma unroll
        for (int m = 0; m < M; m++) {
            // The bias and the mask are branches that a whole warp takes or not: most tiles pay nothing for them.
            const int row = row0 + 16 * m + g, column = key0 + 2 * t;
            if (a.slopes) {
                addBias(logits[m], exponent, slope, slope, -slope, (float)(column - row));
            }
            if ((a.causal && key0 + KEYS - 1 > row0) || key0 + KEYS > T) {
#pragma unroll
                for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        const int j = column + 8 * n + i % 2;
                        if ((a.causal && j > row + i / 2 * 8) || j >= T) {
                            logits[m][n][i] = UNSEEN;
                        }
                    }
                }
            }
            float high[2] = {top[m][0], top[m][1]};
#pragma unroll
            for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    high[i / 2] = fmaxf(high[i / 2], logits[m][n][i]);
                }
            }
            // Every query sees key 0, which is in the first tile: from there on `high` is the logit of a visible key.
#pragma unroll
            for (int r = 0; r < 2; r++) {
                high[r] = maxLanes<4>(high[r]);
                const float shrink = exp2Of((top[m][r] - high[r]) * unit);
                top[m][r] = high[r];
                high[r] *= unit;
                total[m][r] *= shrink;
#pragma unroll
                for (int n = 0; n < D / 8; n++) {
                    out[m][n][2 * r] *= shrink;
                    out[m][n][2 * r + 1] *= shrink;
                }
            }
#pragma unroll
            for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    const float weight = exp2Of(logits[m][n][i] * unit - high[i / 2]);
                    total[m][i / 2] += weight;
                    // Kept weights are multiplied by dropout.keep once, in the output.
                    const bool gone = DROP && isDropped(hash[m][i / 2], column + 8 * n + i % 2, a.dropout.threshold);
                    logits[m][n][i] = gone ? 0.f : weight;
                }
            }
        }
#pragma unroll
        for (int x = 0; x < KEYS / 16; x++) {
            unsigned weights[M][4];
#pragma unroll
            for (int m = 0; m < M; m++) {
                packLeft(weights[m], logits[m], x);
            }
#pragma unroll
            for (int n = 0; n < D / 8; n += 2) {
                unsigned values[4];
                loadRight(values, valueTile, VALUE_PITCH, 16 * x, 8 * n, lane);
#pragma unroll
                for (int m = 0; m < M; m++) {
                    multiply(out[m][n], weights[m], values[0], values[1]);
                    multiply(out[m][n + 1], weights[m], values[2], values[3]);
                }
            }
        }
    }

#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
        for (int r = 0; r < 2; r++) {
            const float sum = sumLanes<4>(total[m][r]);
            const int row = row0 + 16 * m + g + 8 * r;
            if (row < T) {
                const float factor = (DROP ? a.dropout.keep : 1.f) / sum;
                bf16* to = vectorAt(a.out, sample + row, h, 2 * t);
#pragma unroll
                for (int n = 0; n < D / 8; n++) {
                    *(unsigned*)(to + 8 * n) = packPair(out[m][n][2 * r] * factor, out[m][n][2 * r + 1] * factor);
                }
                if (a.logSumExp && t == 0) {
                    a.logSumExp[((size_t)b * H + h) * T + row] = (top[m][r] * unit + log2Of(sum)) * LN_2;
                }
            }
        }
    }
}
