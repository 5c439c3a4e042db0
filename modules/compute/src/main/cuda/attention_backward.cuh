// Device.attentionBackward. Floating-point atomics would make gradients differ from run to run, so there are two passes: one owns
// keys, goes over the queries and gives dKey and dValue; the other owns queries, goes over the keys and gives dQuery. Both
// recompute the weights from the row's log-sum-exp. That is 7 products of T x T instead of 5, the price of repeatability.
//
// A block of 4 warps owns 64 rows (keys or queries) of one head, a warp 16 of them, whose gradients stay in registers. The pass
// that owns keys computes transposed logits (its rows are keys), so that the transposed weights come out as a left operand.
//
// Position vectors: a block goes over `samples` samples that share a position window and sums their gradients in registers, in
// order. Only the B / (Bp * samples) groups leave partial sums, in float32, which positionFold adds in order.
//
// Launch: attentionDelta, then both passes with grid (ceil(T / 64), H, B / samples), 128 threads and
// BackwardShape<D, P, PIECE>::BYTES of dynamic shared memory; samples divides B / Bp, and is 1 without position vectors.
#pragma once
#include "attention_forward.cuh"

// 96 bytes, filled by the host.
template <class T> struct AttentionGradientsOf {
    HeadsOf<T> dOut;
    HeadsTo<T> dQuery, dKey, dValue;
    float* delta;                            // [B, H, T], written by attentionDelta
    float *dPositionQuery, *dPositionKey;    // [groups, Bp, T, H, P] partial sums, or null
    int samples;
};
typedef AttentionGradientsOf<bf16> AttentionGradients;

// WANTED_PIECE: columns of logits that are in registers at a time. A warp's own operands stay in registers when W + D <= 192;
// wider ones are read again from shared memory for each use, and their pieces are smaller; for them WANTED_PIECE 16 means tiles
// of 16 rows, which fit the 99 KB of capability 8.6 and 8.9.
template <int D, int P, int WANTED_PIECE> struct BackwardShape {
    static constexpr int W = D + P, PITCH = W + 8, OTHER_PITCH = D + 8, OWN = 64;
    static constexpr bool RESIDENT = W + D > 192;
    static constexpr int TILE = RESIDENT ? (WANTED_PIECE == 16 ? 16 : 32) : 64, PIECE = RESIDENT ? 16 : WANTED_PIECE;
    static constexpr int STAGE = TILE * (PITCH + OTHER_PITCH) + 6 * TILE;  // and log-sum-exp, delta and hash: 3 words a row
    static constexpr int BYTES = 2 * STAGE * 2 + (RESIDENT ? OWN * (PITCH + OTHER_PITCH) * 2 : 0);
};

// Lanes of attentionDelta for a row and head.
template <int D> constexpr int DELTA_LANES = D <= 32 ? 4 : D <= 64 ? 8 : 16;

// delta_i = dOut_i . out_i, which is the sum of weight_ij * dWeight_ij over j, with dropout too. Launch: any one-dimensional grid of whole
// warps that covers B*T*H*DELTA_LANES<D> threads.
template <int D> DEVICE void attentionDelta(const AttentionArguments& a, const AttentionGradients& d) {
    constexpr int LANES = DELTA_LANES<D>;
    const size_t index = (blockIdx.x * (size_t)blockDim.x + threadIdx.x) / LANES, all = (size_t)a.batch * a.length * a.heads;
    const size_t place = index < all ? index : 0, row = place / a.heads;  // idle lanes follow along: shuffles need whole warps
    const int h = (int)(place % a.heads), part = threadIdx.x % LANES;
    float sum = 0;
    if (8 * part < D) {
        float out[8], dOut[8];
        unpack(load8(vectorAt(a.out, row, h, 8 * part)), out);
        unpack(load8(vectorAt(d.dOut, row, h, 8 * part)), dOut);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            sum += out[i] * dOut[i];
        }
    }
    sum = sumLanes<LANES>(sum);
    if (part == 0 && index < all) {
        d.delta[(row / a.length * a.heads + h) * a.length + row % a.length] = sum;
    }
}

// sums [16 x 8N] += this warp's rows times rows [piece, piece + 8N) of a tile, over the 16-column steps [FROM, TO). The warp's rows
// are `held` in registers, or are rows 16 * warp of a resident tile of the same pitch.
template <bool RESIDENT, int FROM, int TO, int N, int F>
DEVICE void multiplyRows(float (&sums)[N][4], const unsigned (&held)[F][4], const bf16* resident, const bf16* tile, int pitch,
                         int warp, int piece, int lane) {
#pragma unroll
    for (int x = FROM; x < TO; x++) {
        unsigned own[4];
        if constexpr (RESIDENT) {
            loadLeft(own, resident, pitch, 16 * warp, 16 * x, lane);
        } else {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                own[i] = held[x][i];
            }
        }
#pragma unroll
        for (int n = 0; n < N; n += 2) {
            unsigned other[4];
            loadRightTransposed(other, tile, pitch, piece + 8 * n, 16 * x, lane);
            multiply(sums[n], own, other[0], other[1]);
            multiply(sums[n + 1], own, other[2], other[3]);
        }
    }
}

template <int N> DEVICE void storeRows(bf16* to, int stride, const float (&x)[N][4], float factor, int row, int end, int t) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
        if (row + 8 * r < end) {
#pragma unroll
            for (int n = 0; n < N; n++) {
                bf16* at = to + (size_t)(row + 8 * r) * stride + 8 * n + 2 * t;
                *(unsigned*)at = packPair(x[n][2 * r] * factor, x[n][2 * r + 1] * factor);
            }
        }
    }
}
template <int N> DEVICE void storeRows(float* to, size_t stride, const float (&x)[N][4], float factor, int row, int end, int t) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
        if (row + 8 * r < end) {
#pragma unroll
            for (int n = 0; n < N; n++) {
                *(float2*)(to + (row + 8 * r) * stride + 8 * n + 2 * t) = float2{x[n][2 * r] * factor, x[n][2 * r + 1] * factor};
            }
        }
    }
}

// OWNS_KEYS: the block's own rows are keys, and it gives dKey, dValue and the partial sums of dPositionKey. Otherwise they are
// queries, and it gives dQuery and the partial sums of dPositionQuery. "Other" is what the second product needs: dOut for
// queries, values for keys.
template <int D, int P, bool DROP, bool OWNS_KEYS, int WANTED_PIECE>
DEVICE void attentionBackward(const AttentionArguments& a, const AttentionGradients& d) {
    using Shape = BackwardShape<D, P, WANTED_PIECE>;
    constexpr int W = Shape::W, PITCH = Shape::PITCH, OTHER_PITCH = Shape::OTHER_PITCH, OWN = Shape::OWN, TILE = Shape::TILE;
    constexpr int PIECE = Shape::PIECE, POSITION = P ? P / 8 : 2;
    constexpr bool RESIDENT = Shape::RESIDENT;
    SHARED_MEMORY(bf16, stages);
    bf16* resident = stages + 2 * Shape::STAGE;
    const int T = a.length, H = a.heads, h = blockIdx.y;
    const int warp = threadIdx.x / WARP, lane = threadIdx.x % WARP, g = lane / 4, t = lane % 4;
    // The blocks with the most work start first when causal.
    const int own0 = (OWNS_KEYS ? blockIdx.x : gridDim.x - 1 - blockIdx.x) * OWN, row0 = own0 + 16 * warp;
    const int windows = P ? a.positionBatch : a.batch, window = blockIdx.z % windows, group = blockIdx.z / windows;
    const float exponent = a.scale * LOG2_E, slope = a.slopes ? a.slopes[h] * LOG2_E : 0.f, unit = a.slopes ? 1.f : exponent;

    const Heads own = OWNS_KEYS ? a.key : a.query, ownPosition = OWNS_KEYS ? a.positionKey : a.positionQuery;
    const Heads ownOther = OWNS_KEYS ? a.value : d.dOut;
    const Heads met = OWNS_KEYS ? a.query : a.key, metPosition = OWNS_KEYS ? a.positionQuery : a.positionKey;
    const Heads metOther = OWNS_KEYS ? d.dOut : a.value;
    auto headOf = [&](const Heads& of, int b) { return vectorAt(of, (size_t)b * T, h, 0); };
    const bf16* ownPositionHead = P ? headOf(ownPosition, window) : nullptr;
    const bf16* metPositionHead = P ? headOf(metPosition, window) : nullptr;

    unsigned ownRows[RESIDENT ? 1 : W / 16][4], ownOtherRows[RESIDENT ? 1 : D / 16][4];
    float dPosition[POSITION][4];
    clear(dPosition);
    if constexpr (P && !RESIDENT) {
#pragma unroll
        for (int x = D / 16; x < W / 16; x++) {
            loadLeftGlobal(ownRows[x], ownPositionHead, ownPosition.row, row0, 16 * x - D, T, lane);
        }
    }

    for (int sample = 0; sample < d.samples; sample++) {
        const int b = window + windows * (group * d.samples + sample);
        const bf16 *ownHead = headOf(own, b), *ownOtherHead = headOf(ownOther, b), *metHead = headOf(met, b), *metOtherHead = headOf(metOther, b);
        const size_t line = ((size_t)b * H + h) * T;
        const float *logSumExp = a.logSumExp + line, *delta = d.delta + line;
        float dMain[D / 8][4], dValue[OWNS_KEYS ? D / 8 : 1][4];
        clear(dMain);
        clear(dValue);
        float ownLogSumExp[2] = {0, 0}, ownDelta[2] = {0, 0};
        unsigned ownHash[2] = {0, 0};
        if (!OWNS_KEYS) {
#pragma unroll
            for (int r = 0; r < 2; r++) {
                const int i = row0 + g + 8 * r;
                if (i < T) {
                    ownLogSumExp[r] = logSumExp[i] * LOG2_E;
                    ownDelta[r] = delta[i];
                }
                if (DROP) {
                    ownHash[r] = dropoutRow(a.dropout.key, line + i);
                }
            }
        }
        const int first = OWNS_KEYS && a.causal ? own0 / TILE : 0;
        const int end = ((!OWNS_KEYS && a.causal ? min(T, own0 + OWN) : T) + TILE - 1) / TILE;
        auto fetch = [&](int tile) {
            bf16* to = stages + tile % 2 * Shape::STAGE;
            copyTile<TILE, D, 128>(to, PITCH, 0, metHead, met.row, tile * TILE, T);
            if (P) {
                copyTile<TILE, P ? P : 8, 128>(to, PITCH, D, metPositionHead, metPosition.row, tile * TILE, T);
            }
            copyTile<TILE, D, 128>(to + TILE * PITCH, OTHER_PITCH, 0, metOtherHead, metOther.row, tile * TILE, T);
            if (OWNS_KEYS) {  // what a query brings along; its hash costs much and is computed once a tile
                float* words = (float*)(to + TILE * (PITCH + OTHER_PITCH));
                const int r = threadIdx.x % TILE, i = tile * TILE + r;
                if (threadIdx.x < 2 * TILE) {
                    const float* from = threadIdx.x < TILE ? logSumExp : delta;
                    copyAsync<4>(words + threadIdx.x, from + (i < T ? i : 0), i < T);
                }
                if (DROP && threadIdx.x < TILE) {
                    ((unsigned*)words)[2 * TILE + r] = dropoutRow(a.dropout.key, line + i);
                }
            }
            commitCopies();
        };
        __syncthreads();  // nobody reads the previous sample's tiles any more
        if constexpr (RESIDENT) {
            copyTile<OWN, D, 128>(resident, PITCH, 0, ownHead, own.row, own0, T);
            if (P) {
                copyTile<OWN, P ? P : 8, 128>(resident, PITCH, D, ownPositionHead, ownPosition.row, own0, T);
            }
            copyTile<OWN, D, 128>(resident + OWN * PITCH, OTHER_PITCH, 0, ownOtherHead, ownOther.row, own0, T);
        } else {
#pragma unroll
            for (int x = 0; x < D / 16; x++) {
                loadLeftGlobal(ownRows[x], ownHead, own.row, row0, 16 * x, T, lane);
                loadLeftGlobal(ownOtherRows[x], ownOtherHead, ownOther.row, row0, 16 * x, T, lane);
            }
        }
        fetch(first);
        for (int tile = first; tile < end; tile++) {
            awaitCopies<0>();
            __syncthreads();
            if (tile + 1 < end) {
                fetch(tile + 1);
            }
            const int met0 = tile * TILE;
            const bf16 *metTile = stages + tile % 2 * Shape::STAGE, *otherTile = metTile + TILE * PITCH;
            const float *metLogSumExp = (const float*)(otherTile + TILE * OTHER_PITCH), *metDelta = metLogSumExp + TILE;
            const unsigned* metHash = (const unsigned*)(metDelta + TILE);
#pragma unroll 1
            for (int piece = 0; piece < TILE; piece += PIECE) {
                if (a.causal && (OWNS_KEYS ? row0 > met0 + piece + PIECE - 1 : met0 + piece > row0 + 15)) {
                    continue;  // the mask hides the piece from this warp
                }
                float weights[PIECE / 8][4], dLogits[PIECE / 8][4];
                clear(weights);
                clear(dLogits);
                if (P) {
                    multiplyRows<RESIDENT, D / 16, W / 16>(weights, ownRows, resident, metTile, PITCH, warp, piece, lane);
                    scaleAll(weights, a.positionScale);
                }
                multiplyRows<RESIDENT, 0, D / 16>(weights, ownRows, resident, metTile, PITCH, warp, piece, lane);
                multiplyRows<RESIDENT, 0, D / 16>(dLogits, ownOtherRows, resident + OWN * PITCH, otherTile, OTHER_PITCH, warp, piece, lane);
                const int row = row0 + g, column = met0 + piece + 2 * t;  // of this lane's first element
                if (a.slopes) {
                    const float distance = (float)(OWNS_KEYS ? row - column : column - row);
                    addBias(weights, exponent, slope, OWNS_KEYS ? -slope : slope, OWNS_KEYS ? slope : -slope, distance);
                }
                const bool diagonal = a.causal && (OWNS_KEYS ? met0 < own0 + OWN : met0 + TILE > own0);
                if (met0 + TILE > T || own0 + OWN > T || diagonal) {
#pragma unroll
                    for (int n = 0; n < PIECE / 8; n++) {
#pragma unroll
                        for (int i = 0; i < 4; i++) {
                            const int c = column + 8 * n + i % 2, r = row + i / 2 * 8;
                            if ((a.causal && (OWNS_KEYS ? r > c : c > r)) || c >= T || r >= T) {
                                weights[n][i] = UNSEEN;
                            }
                        }
                    }
                }
#pragma unroll
                for (int n = 0; n < PIECE / 8; n++) {
                    const int at = piece + 8 * n + 2 * t;  // of two neighbouring columns
                    const float2 columnLogSumExp = OWNS_KEYS ? *(const float2*)(metLogSumExp + at) : float2{};
                    const float2 columnDelta = OWNS_KEYS ? *(const float2*)(metDelta + at) : float2{};
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        const float highest = OWNS_KEYS ? (i % 2 ? columnLogSumExp.y : columnLogSumExp.x) * LOG2_E : ownLogSumExp[i / 2];
                        const float inner = OWNS_KEYS ? (i % 2 ? columnDelta.y : columnDelta.x) : ownDelta[i / 2];
                        const float weight = exp2Of(weights[n][i] * unit - highest);
                        const unsigned hash = !DROP ? 0u : OWNS_KEYS ? metHash[at + i % 2] : ownHash[i / 2];
                        const bool gone = DROP && isDropped(hash, OWNS_KEYS ? row + i / 2 * 8 : column + 8 * n + i % 2, a.dropout.threshold);
                        const float dWeight = gone ? 0.f : DROP ? dLogits[n][i] * a.dropout.keep : dLogits[n][i];
                        dLogits[n][i] = weight * (dWeight - inner);
                        weights[n][i] = gone ? 0.f : weight;  // dValue is multiplied by dropout.keep at the end
                    }
                }
#pragma unroll
                for (int x = 0; x < PIECE / 16; x++) {
                    unsigned left[4];
                    if constexpr (OWNS_KEYS) {
                        packLeft(left, weights, x);
                        addProduct(dValue, left, otherTile, OTHER_PITCH, piece + 16 * x, 0, lane);
                    }
                    packLeft(left, dLogits, x);
                    addProduct(dMain, left, metTile, PITCH, piece + 16 * x, 0, lane);
                    if (P) {
                        addProduct(dPosition, left, metTile, PITCH, piece + 16 * x, D, lane);
                    }
                }
            }
        }
        const HeadsOut& main = OWNS_KEYS ? d.dKey : d.dQuery;
        storeRows(vectorAt(main, (size_t)b * T, h, 0), main.row, dMain, a.scale, row0 + g, T, t);
        if (OWNS_KEYS) {
            const float keep = DROP ? a.dropout.keep : 1.f;
            storeRows(vectorAt(d.dValue, (size_t)b * T, h, 0), d.dValue.row, dValue, keep, row0 + g, T, t);
        }
    }
    if (P) {
        float* to = (OWNS_KEYS ? d.dPositionKey : d.dPositionQuery) + ((size_t)(group * windows + window) * T * H + h) * P;
        storeRows(to, (size_t)H * P, dPosition, a.scale * a.positionScale, row0 + g, T, t);
    }
}

// target row r of head h += the sums of the groups, and of the heads too where they share one vector (targetHead 0), in order.
// One thread for an element of the target; rows = Bp * T.
DEVICE void positionFold(const float* parts, int groups, int rows, int H, int P, float* target, int targetRow, int targetHead) {
    const int heads = targetHead ? H : 1;
    const size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x, row = i / ((size_t)P * heads);
    const int e = (int)(i % P), h = (int)(i / P % heads);
    if (row >= (size_t)rows) {
        return;
    }
    float sum = 0;
    for (int group = 0; group < groups; group++) {
        for (int k = h; k < (targetHead ? h + 1 : H); k++) {
            sum += parts[(((size_t)group * rows + row) * H + k) * P + e];
        }
    }
    target[row * targetRow + (size_t)h * targetHead + e] += sum;
}
