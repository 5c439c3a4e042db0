// Device.listAttention: every row e sees the few rows of keys and values that its list names. D / 8 lanes serve a row and head,
// so that loads have 16 bytes: a warp has four heads of width 64.
//
// The backward pass has no atomics. listAttentionLogits gives two numbers for each entry of a list and each head: the gradient of the
// logit and the weight after dropout. Then every source row adds up what its uses give it, in the order of the rows. The host sorts
// the uses twice, by key for dKey and dValue and by asking row for dQuery, and cuts them into Pieces (rows.cuh): the root
// of a tree of digits is used by every row.
#pragma once
#include "rows.cuh"

// 128 bytes, filled by the host.
template <class T> struct ListArgumentsOf {
    HeadsOf<T> query, key, value;  // [sources]
    HeadsTo<T> out;                // [rows]
    const int *queries, *keys;     // [rows], [rows, slots]; -1 ends a list early
    float* weights;                // [rows, H, slots] before dropout, 0 behind a list's end; null in evaluation
    int rows, sources, heads, slots;
    float scale;
    Dropout dropout;               // row e * H + h, column: the place in the list
};
typedef ListArgumentsOf<bf16> ListArguments;

// One entry of one list, with everything that a kernel would otherwise have to look up step by step.
struct alignas(16) ListUse {
    int entry;                     // e * slots + place
    int row;                       // e
    int asking;                    // queries[e]
    int key;                       // keys[entry]
};

// 88 bytes, filled by the host.
template <class T> struct ListGradientsOf {
    HeadsOf<T> dOut;                 // [rows]
    HeadsTo<T> dQuery, dKey, dValue; // [sources]
    float2* entries;               // [rows, slots, H]: the logit's gradient times scale, and the weight after dropout
    float* partial;                // of keys: [2, keyPartials, H * D]; of queries: [H * D] a partial row
    int keyPartials, reserved;
};
typedef ListGradientsOf<bf16> ListGradients;

DEVICE float dot(const float (&a)[8], Bf16x8 packed) {
    float b[8], sum = 0;
    unpack(packed, b);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}
DEVICE void addScaled(float (&sum)[8], float factor, Bf16x8 packed) {
    float x[8];
    unpack(packed, x);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        sum[i] += factor * x[i];
    }
}

// The keys of list e; -1 behind its end.
template <int SLOTS> DEVICE void readList(int (&list)[SLOTS], const ListArguments& a, int e) {
    bool more = true;
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
        const int key = s < a.slots ? a.keys[(size_t)e * a.slots + s] : -1;
        more = more && key >= 0;
        list[s] = more ? key : -1;
    }
}
// The vectors of a list's rows, all loads under way together; zeros behind its end.
template <int SLOTS> DEVICE void readVectors(Bf16x8 (&to)[SLOTS], const Heads& heads, const int (&list)[SLOTS], int h, int d) {
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
        to[s] = list[s] >= 0 ? load8(vectorAt(heads, list[s], h, d)) : Bf16x8{};
    }
}

// SLOTS: the most that slots may be. Launch: any one-dimensional grid of whole warps that covers rows * H * D / 8 threads.
template <int D, int SLOTS> DEVICE void listAttentionForward(const ListArguments& a) {
    constexpr int LANES = D / 8;
    const size_t index = (blockIdx.x * (size_t)blockDim.x + threadIdx.x) / LANES;
    const bool active = index < (size_t)a.rows * a.heads;
    const int place = active ? (int)index : 0, e = place / a.heads, h = place % a.heads;  // idle lanes follow along: shuffles need whole warps
    const int part = threadIdx.x % LANES, d = 8 * part;
    int list[SLOTS];
    readList(list, a, e);
    Bf16x8 vectors[SLOTS];
    readVectors(vectors, a.key, list, h, d);
    float query[8], weights[SLOTS], top = UNSEEN, total = 0;
    unpack(load8(vectorAt(a.query, a.queries[e], h, d)), query);
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
        weights[s] = dot(query, vectors[s]);
    }
    readVectors(vectors, a.value, list, h, d);
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
        const float logit = sumLanes<LANES>(weights[s]) * (a.scale * LOG2_E);
        weights[s] = list[s] >= 0 ? logit : UNSEEN;
        top = fmaxf(top, weights[s]);
    }
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
        weights[s] = list[s] >= 0 ? exp2Of(weights[s] - top) : 0.f;
        total += weights[s];
    }
    const float inverse = 1.f / total;
    const unsigned hash = a.dropout.threshold ? dropoutRow(a.dropout.key, (u64)e * a.heads + h) : 0u;
    float out[8] = {};
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
        float weight = weights[s] * inverse;
        if (active && a.weights && s < a.slots && s % LANES == part) {
            a.weights[(size_t)place * a.slots + s] = weight;
        }
        if (a.dropout.threshold) {
            weight *= dropoutFactor(hash, s, a.dropout);
        }
        addScaled(out, weight, vectors[s]);
    }
    if (active) {
        store8(vectorAt(a.out, e, h, d), pack(out));
    }
}

// Backward, first step: `entries` of every list. Launch: as listAttentionForward.
template <int D, int SLOTS> DEVICE void listAttentionLogits(const ListArguments& a, const ListGradients& g) {
    constexpr int LANES = D / 8;
    const size_t index = (blockIdx.x * (size_t)blockDim.x + threadIdx.x) / LANES;
    const bool active = index < (size_t)a.rows * a.heads;
    const int place = active ? (int)index : 0, e = place / a.heads, h = place % a.heads;
    const int part = threadIdx.x % LANES, d = 8 * part;
    int list[SLOTS];
    readList(list, a, e);
    Bf16x8 values[SLOTS];
    readVectors(values, a.value, list, h, d);
    float dOut[8], weights[SLOTS], dWeights[SLOTS], inner = 0;
    unpack(load8(vectorAt(g.dOut, e, h, d)), dOut);
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
        weights[s] = list[s] >= 0 ? a.weights[(size_t)place * a.slots + s] : 0.f;
        dWeights[s] = dot(dOut, values[s]);
    }
    const unsigned hash = a.dropout.threshold ? dropoutRow(a.dropout.key, (u64)e * a.heads + h) : 0u;
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
        const float keep = a.dropout.threshold ? dropoutFactor(hash, s, a.dropout) : 1.f;
        dWeights[s] = sumLanes<LANES>(dWeights[s]) * keep;
        inner += weights[s] * dWeights[s];
    }
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
        if (active && list[s] >= 0 && s % LANES == part) {
            const float keep = a.dropout.threshold ? dropoutFactor(hash, s, a.dropout) : 1.f;
            g.entries[((size_t)e * a.slots + s) * a.heads + h] = float2{a.scale * weights[s] * (dWeights[s] - inner), weights[s] * keep};
        }
    }
}

// Where the sums of 8 channels from c on go: to a source's row as bfloat16, or to a partial row as float32.
DEVICE void storeSum(const float (&sum)[8], int target, const HeadsOut& to, int h, int d, float* partial, int channels, int c) {
    if (target >= 0) {
        store8(vectorAt(to, target, h, d), pack(sum));
    } else {
        store8(partial + (size_t)(-1 - target) * channels + c, sum);
    }
}

// Backward, second step: a block has a piece of the uses, sorted by key; dKey and dValue. Every source has at least one piece, so that
// unused ones get zeros. Launch: grid pieces, block H * D / 8 up to whole warps.
template <int D, int BATCH> DEVICE void listAttentionKeys(const ListArguments& a, const ListGradients& g, const Pieces& pieces, const ListUse* uses) {
    const int channels = a.heads * D, c = 8 * threadIdx.x, h = c / D, d = c % D;
    if (c >= channels) {
        return;
    }
    const int end = pieces.start[blockIdx.x + 1], target = pieces.target[blockIdx.x];
    float dKey[8] = {}, dValue[8] = {};
    for (int first = pieces.start[blockIdx.x]; first < end; first += BATCH) {
        float2 factors[BATCH];
        Bf16x8 queries[BATCH], dOuts[BATCH];
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            const ListUse use = readAligned(uses + (first + k < end ? first + k : first));
            factors[k] = first + k < end ? g.entries[(size_t)use.entry * a.heads + h] : float2{0, 0};
            queries[k] = load8(vectorAt(a.query, use.asking, h, d));
            dOuts[k] = load8(vectorAt(g.dOut, use.row, h, d));
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            addScaled(dKey, factors[k].x, queries[k]);
            addScaled(dValue, factors[k].y, dOuts[k]);
        }
    }
    storeSum(dKey, target, g.dKey, h, d, g.partial, channels, c);
    storeSum(dValue, target, g.dValue, h, d, g.partial + (size_t)g.keyPartials * channels, channels, c);
}

// The same for dQuery; the uses are sorted by asking row.
template <int D, int BATCH> DEVICE void listAttentionQueries(const ListArguments& a, const ListGradients& g, const Pieces& pieces, const ListUse* uses) {
    const int channels = a.heads * D, c = 8 * threadIdx.x, h = c / D, d = c % D;
    if (c >= channels) {
        return;
    }
    const int end = pieces.start[blockIdx.x + 1], target = pieces.target[blockIdx.x];
    float dQuery[8] = {};
    for (int first = pieces.start[blockIdx.x]; first < end; first += BATCH) {
        float factors[BATCH];
        Bf16x8 keys[BATCH];
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            const ListUse use = readAligned(uses + (first + k < end ? first + k : first));
            factors[k] = first + k < end ? g.entries[(size_t)use.entry * a.heads + h].x : 0.f;
            keys[k] = load8(vectorAt(a.key, use.key, h, d));
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            addScaled(dQuery, factors[k], keys[k]);
        }
    }
    storeSum(dQuery, target, g.dQuery, h, d, g.partial, channels, c);
}

// Backward, third step, for sources of several pieces: the partial rows of part z, [parts, H * D] from partial + z * partials * H * D on, are
// added for `first` (z 0) and `second` (z 1). Launch: grid (splits, ceil(H * D / 32), 1 or 2), block (32, 8), 1024 bytes of shared memory.
template <class T>
DEVICE void listAttentionFold(const Splits& splits, const float* partial, int partials, int heads, int D, HeadsTo<T> first, HeadsTo<T> second) {
    SHARED_MEMORY(float, slices);
    const int channels = heads * D, c = blockIdx.y * 32 + threadIdx.x, end = splits.start[blockIdx.x + 1];
    const float* part = partial + (size_t)blockIdx.z * partials * channels;
    float sum = 0;
    if (c < channels) {
#pragma unroll 4
        for (int p = splits.start[blockIdx.x] + threadIdx.y; p < end; p += 8) {
            sum += part[(size_t)p * channels + c];
        }
    }
    slices[threadIdx.y * 32 + threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && c < channels) {
        for (int y = 1; y < 8; y++) {
            sum += slices[y * 32 + threadIdx.x];
        }
        const HeadsTo<T>& to = blockIdx.z ? second : first;
        fromFloat(sum, *vectorAt(to, splits.target[blockIdx.x], c / D, c % D));
    }
}
