// Device.attention and its backward pass for any head width, any width of position vectors, any strides, and float32: the form without
// tensor cores. It computes what attention_forward.cuh and attention_backward.cuh describe, with the same arguments, mask and
// partial sums, and is used where their widths, alignment or precision do not fit.
//
// A block of 256 threads owns 64 rows and meets 64 others at a time; a thread has 4 x 4 logits. Operands go through shared memory in
// chunks, transposed, so that a thread reads 4 neighbouring rows at once. A block gives SLICE columns of the results, N = SLICE / 16 a
// thread; wider heads are cut into slices, each of which computes the logits again.
#pragma once
#include "attention_backward.cuh"

constexpr int ANY_TILE = 64, ANY_CHUNK = 16, ANY_PITCH = ANY_TILE + 4, ANY_THREADS = 256;
// Dynamic shared memory of the forward and backward passes: the chunks of two operands, and a tile of weights.
constexpr int ANY_BYTES = (2 * ANY_CHUNK + ANY_TILE) * ANY_PITCH * 4;

// Rows of a matrix in global memory; what is behind `end` or `width` counts as 0.
template <class T> struct Rows {
    const T* data;
    int stride, end, width;
    DEVICE_MEMBER float at(int row, int column) const { return row < end && column < width ? toFloat(data[(size_t)row * stride + column]) : 0.f; }
};

// The rows of head h of a window.
template <class T> DEVICE Rows<T> rowsOf(const HeadsOf<T>& of, int window, int length, int h, int width) {
    return {vectorAt(of, (size_t)window * length, h, 0), of.row, length, width};
}

template <class T> DEVICE void copyTransposed(float* to, const Rows<T>& rows, int first, int from) {
    const int k = threadIdx.x % ANY_CHUNK;
#pragma unroll
    for (int r = threadIdx.x / ANY_CHUNK; r < ANY_TILE; r += ANY_THREADS / ANY_CHUNK) {
        to[k * ANY_PITCH + r] = rows.at(first + r, from + k);
    }
}

// sums[i][j] += row own0 + 4y + i of `own` times row met0 + 4x + j of `met`, for thread 16y + x.
template <class T> DEVICE void addRowProducts(float (&sums)[4][4], float* chunks, const Rows<T>& own, int own0, const Rows<T>& met, int met0) {
    const int x = threadIdx.x % 16, y = threadIdx.x / 16;
    float *left = chunks, *right = chunks + ANY_CHUNK * ANY_PITCH;
    for (int from = 0; from < own.width; from += ANY_CHUNK) {
        __syncthreads();  // nobody reads what the chunks held before
        copyTransposed(left, own, own0, from);
        copyTransposed(right, met, met0, from);
        __syncthreads();
#pragma unroll
        for (int k = 0; k < ANY_CHUNK; k++) {
            const Float4 a = load4(left + k * ANY_PITCH + 4 * y), b = load4(right + k * ANY_PITCH + 4 * x);
#pragma unroll
            for (int i = 0; i < 4; i++) {
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    sums[i][j] += a.at[i] * b.at[j];
                }
            }
        }
    }
}

// Puts a thread's numbers into the tile of weights, from where all threads of its rows read them.
DEVICE void shareWeights(float* weights, const float (&mine)[4][4]) {
    const int x = threadIdx.x % 16, y = threadIdx.x / 16;
#pragma unroll
    for (int j = 0; j < 4; j++) {
        store4(weights + (4 * x + j) * ANY_PITCH + 4 * y, Float4{{mine[0][j], mine[1][j], mine[2][j], mine[3][j]}});
    }
}

// sums[i][j] += the sum over the rows m met of weight(own row 4y + i, m) * element from + x + 16j of row m.
template <class T, int N> DEVICE void addWeightedRows(float (&sums)[4][N], const float* weights, float* chunk, const Rows<T>& met, int met0, int from) {
    constexpr int SLICE = 16 * N;
    static_assert(SLICE <= 2 * ANY_PITCH, "a chunk of rows has the place of two chunks of columns");
    const int x = threadIdx.x % 16, y = threadIdx.x / 16;
    for (int m0 = 0; m0 < ANY_TILE; m0 += ANY_CHUNK) {
        __syncthreads();  // the weights are shared, and nobody reads what the chunk held before
#pragma unroll
        for (int i = threadIdx.x; i < ANY_CHUNK * SLICE; i += ANY_THREADS) {
            chunk[i] = met.at(met0 + m0 + i / SLICE, from + i % SLICE);
        }
        __syncthreads();
#pragma unroll 4
        for (int m = 0; m < ANY_CHUNK; m++) {
            const Float4 w = load4(weights + (m0 + m) * ANY_PITCH + 4 * y);
#pragma unroll
            for (int j = 0; j < N; j++) {
                const float v = chunk[m * SLICE + x + 16 * j];
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    sums[i][j] += w.at[i] * v;
                }
            }
        }
    }
}

// Rows row0 + i and columns from + x + 16j, as far as they exist.
template <class T, int N> DEVICE void storeSlice(T* to, size_t stride, const float (&sums)[4][N], float factor, int row0, int end, int from, int width) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < N; j++) {
            const int c = from + threadIdx.x % 16 + 16 * j;
            if (row0 + i < end && c < width) {
                fromFloat(sums[i][j] * factor, to[(row0 + i) * stride + c]);
            }
        }
    }
}

// Launch: grid (ceil(T / 64), H * ceil(D / SLICE), B), 256 threads, ANY_BYTES of dynamic shared memory.
template <class T, int SLICE> DEVICE void attentionForwardAny(const AttentionArgumentsOf<T>& a, int D, int P) {
    SHARED_MEMORY(float, chunks);
    float* weights = chunks + 2 * ANY_CHUNK * ANY_PITCH;
    const int length = a.length, h = blockIdx.y % a.heads, from = blockIdx.y / a.heads * SLICE, b = blockIdx.z;
    const int x = threadIdx.x % 16, y = threadIdx.x / 16;
    // The blocks with the most keys start first when causal.
    const int query0 = (gridDim.x - 1 - blockIdx.x) * ANY_TILE, row0 = query0 + 4 * y;
    const Rows<T> query = rowsOf(a.query, b, length, h, D), key = rowsOf(a.key, b, length, h, D), value = rowsOf(a.value, b, length, h, D);
    const float exponent = a.scale * LOG2_E, slope = a.slopes ? a.slopes[h] * LOG2_E : 0.f;
    const u64 line = ((u64)b * a.heads + h) * length;
    float out[4][SLICE / 16], top[4], total[4];
    unsigned hash[4];
    clear(out);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        top[i] = UNSEEN;
        total[i] = 0;
        hash[i] = dropoutRow(a.dropout.key, line + row0 + i);
    }
    const int end = a.causal ? min(length, query0 + ANY_TILE) : length;
    for (int key0 = 0; key0 < end; key0 += ANY_TILE) {
        float logits[4][4];
        clear(logits);
        if (P) {
            const int window = b % a.positionBatch;
            addRowProducts(logits, chunks, rowsOf(a.positionQuery, window, length, h, P), query0, rowsOf(a.positionKey, window, length, h, P), key0);
            scaleAll(logits, a.positionScale);
        }
        addRowProducts(logits, chunks, query, query0, key, key0);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int row = row0 + i;
            float high = top[i];
#pragma unroll
            for (int j = 0; j < 4; j++) {
                const int column = key0 + 4 * x + j;
                const bool seen = column < length && !(a.causal && column > row);
                logits[i][j] = seen ? logits[i][j] * exponent + slope * (column - row) : UNSEEN;
                high = fmaxf(high, logits[i][j]);
            }
            high = maxLanes<16>(high);  // every query sees key 0, which is in the first tile
            const float shrink = exp2Of(top[i] - high);
            top[i] = high;
            total[i] *= shrink;
#pragma unroll
            for (int j = 0; j < SLICE / 16; j++) {
                out[i][j] *= shrink;
            }
#pragma unroll
            for (int j = 0; j < 4; j++) {
                const float weight = exp2Of(logits[i][j] - high);
                total[i] += weight;
                logits[i][j] = a.dropout.threshold && isDropped(hash[i], key0 + 4 * x + j, a.dropout.threshold) ? 0.f : weight;
            }
        }
        shareWeights(weights, logits);
        addWeightedRows(out, weights, chunks, value, key0, from);
    }
    const float keep = a.dropout.threshold ? a.dropout.keep : 1.f;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const float sum = sumLanes<16>(total[i]);
#pragma unroll
        for (int j = 0; j < SLICE / 16; j++) {
            out[i][j] *= keep / sum;
        }
        if (a.logSumExp && from == 0 && x == 0 && row0 + i < length) {
            a.logSumExp[line + row0 + i] = (top[i] + log2Of(sum)) * LN_2;
        }
    }
    storeSlice(vectorAt(a.out, (size_t)b * length, h, 0), a.out.row, out, 1.f, row0, length, from, D);
}

// As attentionDelta; a warp has a row and head. Launch: grid ceil(B * T * H / warps of a block), whole warps.
template <class T> DEVICE void attentionDeltaAny(const AttentionArgumentsOf<T>& a, const AttentionGradientsOf<T>& d, int D) {
    const size_t place = (blockIdx.x * (size_t)blockDim.x + threadIdx.x) / WARP, row = place / a.heads;
    const int h = (int)(place % a.heads), lane = threadIdx.x % WARP;
    if (place >= (size_t)a.batch * a.length * a.heads) {
        return;  // whole warps
    }
    float sum = 0;
    for (int e = lane; e < D; e += WARP) {
        sum += toFloat(*vectorAt(a.out, row, h, e)) * toFloat(*vectorAt(d.dOut, row, h, e));
    }
    sum = sumLanes<WARP>(sum);
    if (lane == 0) {
        d.delta[(row / a.length * a.heads + h) * a.length + row % a.length] = sum;
    }
}

// As attentionBackward. Launch: grid (ceil(T / 64), H * ceil(max(D, P) / SLICE), B / samples), 256 threads, ANY_BYTES.
template <class T, int SLICE, bool OWNS_KEYS>
DEVICE void attentionBackwardAny(const AttentionArgumentsOf<T>& a, const AttentionGradientsOf<T>& d, int D, int P) {
    constexpr int N = SLICE / 16;
    SHARED_MEMORY(float, chunks);
    float* shared = chunks + 2 * ANY_CHUNK * ANY_PITCH;
    const int length = a.length, h = blockIdx.y % a.heads, from = blockIdx.y / a.heads * SLICE;
    const int x = threadIdx.x % 16, y = threadIdx.x / 16;
    const int own0 = (OWNS_KEYS ? blockIdx.x : gridDim.x - 1 - blockIdx.x) * ANY_TILE, row0 = own0 + 4 * y;
    const int windows = P ? a.positionBatch : a.batch, window = blockIdx.z % windows, group = blockIdx.z / windows;
    const float exponent = a.scale * LOG2_E, slope = a.slopes ? a.slopes[h] * LOG2_E : 0.f, keep = a.dropout.threshold ? a.dropout.keep : 1.f;
    float dPosition[4][N];
    clear(dPosition);
    for (int sample = 0; sample < d.samples; sample++) {
        const int b = window + windows * (group * d.samples + sample);
        const u64 line = ((u64)b * a.heads + h) * length;
        const Rows<T> own = rowsOf(OWNS_KEYS ? a.key : a.query, b, length, h, D), met = rowsOf(OWNS_KEYS ? a.query : a.key, b, length, h, D);
        const Rows<T> ownOther = rowsOf(OWNS_KEYS ? a.value : d.dOut, b, length, h, D), metOther = rowsOf(OWNS_KEYS ? d.dOut : a.value, b, length, h, D);
        const Rows<T> metPosition = rowsOf(OWNS_KEYS ? a.positionQuery : a.positionKey, window, length, h, P);
        float dMain[4][N], dValue[4][OWNS_KEYS ? N : 1];
        clear(dMain);
        clear(dValue);
        const int first = OWNS_KEYS && a.causal ? own0 : 0, end = !OWNS_KEYS && a.causal ? min(length, own0 + ANY_TILE) : length;
        for (int met0 = first; met0 < end; met0 += ANY_TILE) {
            float weights[4][4], dLogits[4][4];
            clear(weights);
            clear(dLogits);
            if (P) {
                addRowProducts(weights, chunks, rowsOf(OWNS_KEYS ? a.positionKey : a.positionQuery, window, length, h, P), own0, metPosition, met0);
                scaleAll(weights, a.positionScale);
            }
            addRowProducts(weights, chunks, own, own0, met, met0);
            addRowProducts(dLogits, chunks, ownOther, own0, metOther, met0);
#pragma unroll
            for (int q = 0; q < 4; q++) {  // the queries of this thread's 16 pairs, and with each 4 keys
                const int query = OWNS_KEYS ? met0 + 4 * x + q : row0 + q, known = min(query, length - 1);
                const float highest = a.logSumExp[line + known] * LOG2_E, inner = d.delta[line + known];
                const unsigned hash = a.dropout.threshold ? dropoutRow(a.dropout.key, line + query) : 0u;
#pragma unroll
                for (int k = 0; k < 4; k++) {
                    const int key = OWNS_KEYS ? row0 + k : met0 + 4 * x + k;
                    float &weight = OWNS_KEYS ? weights[k][q] : weights[q][k], &dLogit = OWNS_KEYS ? dLogits[k][q] : dLogits[q][k];
                    const bool seen = query < length && key < length && !(a.causal && key > query);
                    const float factor = a.dropout.threshold && isDropped(hash, key, a.dropout.threshold) ? 0.f : keep;
                    weight = seen ? exp2Of(weight * exponent + slope * (key - query) - highest) : 0.f;
                    dLogit = weight * (dLogit * factor - inner);
                    weight *= factor;
                }
            }
            if constexpr (OWNS_KEYS) {
                shareWeights(shared, weights);
                addWeightedRows(dValue, shared, chunks, metOther, met0, from);
                __syncthreads();  // nobody reads the weights any more
            }
            shareWeights(shared, dLogits);
            addWeightedRows(dMain, shared, chunks, met, met0, from);
            if (P) {
                addWeightedRows(dPosition, shared, chunks, metPosition, met0, from);
            }
        }
        auto store = [&](const HeadsTo<T>& to, const float(&sums)[4][N], float factor) {
            storeSlice(vectorAt(to, (size_t)b * length, h, 0), to.row, sums, factor, row0, length, from, D);
        };
        store(OWNS_KEYS ? d.dKey : d.dQuery, dMain, a.scale);
        if constexpr (OWNS_KEYS) {
            store(d.dValue, dValue, 1.f);
        }
    }
    if (P) {
        float* to = (OWNS_KEYS ? d.dPositionKey : d.dPositionQuery) + ((size_t)(group * windows + window) * length * a.heads + h) * P;
        storeSlice(to, (size_t)a.heads * P, dPosition, a.scale * a.positionScale, row0, length, from, P);
    }
}
