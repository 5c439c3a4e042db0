// Device.listAttention and its backward pass for any head width up to 256, any number of slots, any strides, and float32: the form of
// list_attention.cuh for what does not fit there, with the same arguments, steps, plans and results. listAttentionFold is the last step
// here too. A warp has a row and head in the first two kernels, a thread has one channel in the third.
#pragma once
#include "list_attention.cuh"

constexpr int LIST_PARTS = 8;  // elements of a head that a lane has, 32 apart

template <class T> DEVICE void readLanes(float (&x)[LIST_PARTS], const HeadsOf<T>& heads, int row, int h, int D) {
    const T* from = vectorAt(heads, row, h, 0);
#pragma unroll
    for (int k = 0; k < LIST_PARTS; k++) {
        const int d = threadIdx.x % WARP + WARP * k;
        x[k] = d < D ? toFloat(from[d]) : 0.f;
    }
}
DEVICE float dotLanes(const float (&a)[LIST_PARTS], const float (&b)[LIST_PARTS]) {
    float sum = 0;
#pragma unroll
    for (int k = 0; k < LIST_PARTS; k++) {
        sum += a[k] * b[k];
    }
    return sumLanes<WARP>(sum);
}

// The softmax is updated with each key, so that a list may have any length. Lane s % 32 keeps the logit of place s in `weights` until the
// sum is known. Launch: grid ceil(rows * H / warps of a block), whole warps.
template <class T> DEVICE void listAttentionForwardAny(const ListArgumentsOf<T>& a, int D) {
    const size_t place = (blockIdx.x * (size_t)blockDim.x + threadIdx.x) / WARP;
    if (place >= (size_t)a.rows * a.heads) {
        return;  // whole warps
    }
    const int e = (int)(place / a.heads), h = (int)(place % a.heads), lane = threadIdx.x % WARP;
    const int* list = a.keys + (size_t)e * a.slots;
    float* weights = a.weights ? a.weights + place * a.slots : nullptr;
    const unsigned hash = a.dropout.threshold ? dropoutRow(a.dropout.key, place) : 0u;
    float query[LIST_PARTS], x[LIST_PARTS], out[LIST_PARTS] = {}, top = UNSEEN, total = 0;
    readLanes(query, a.query, a.queries[e], h, D);
    int s = 0;
    for (; s < a.slots && list[s] >= 0; s++) {
        readLanes(x, a.key, list[s], h, D);
        const float logit = dotLanes(query, x) * (a.scale * LOG2_E), high = fmaxf(top, logit);
        const float shrink = exp2Of(top - high), weight = exp2Of(logit - high);
        const float kept = a.dropout.threshold ? weight * dropoutFactor(hash, s, a.dropout) : weight;
        readLanes(x, a.value, list[s], h, D);
#pragma unroll
        for (int k = 0; k < LIST_PARTS; k++) {
            out[k] = out[k] * shrink + kept * x[k];
        }
        total = total * shrink + weight;
        top = high;
        if (weights && lane == s % WARP) {
            weights[s] = logit;
        }
    }
    for (int k = lane; weights && k < a.slots; k += WARP) {
        weights[k] = k < s ? exp2Of(weights[k] - top) / total : 0.f;
    }
    T* to = vectorAt(a.out, e, h, 0);
#pragma unroll
    for (int k = 0; k < LIST_PARTS; k++) {
        if (lane + WARP * k < D) {
            fromFloat(out[k] / total, to[lane + WARP * k]);
        }
    }
}

// Backward, first step: `entries` of every list. Launch: as listAttentionForwardAny.
template <class T> DEVICE void listAttentionLogitsAny(const ListArgumentsOf<T>& a, const ListGradientsOf<T>& g, int D) {
    const size_t place = (blockIdx.x * (size_t)blockDim.x + threadIdx.x) / WARP;
    if (place >= (size_t)a.rows * a.heads) {
        return;  // whole warps
    }
    const int e = (int)(place / a.heads), h = (int)(place % a.heads), lane = threadIdx.x % WARP;
    const int* list = a.keys + (size_t)e * a.slots;
    const float* weights = a.weights + place * a.slots;
    const unsigned hash = a.dropout.threshold ? dropoutRow(a.dropout.key, place) : 0u;
    float2* entries = g.entries + (size_t)e * a.slots * a.heads + h;  // H apart
    float dOut[LIST_PARTS], x[LIST_PARTS], inner = 0;
    readLanes(dOut, g.dOut, e, h, D);
    int s = 0;
    for (; s < a.slots && list[s] >= 0; s++) {
        readLanes(x, a.value, list[s], h, D);
        const float keep = a.dropout.threshold ? dropoutFactor(hash, s, a.dropout) : 1.f, dWeight = dotLanes(dOut, x) * keep;
        inner += weights[s] * dWeight;
        if (lane == s % WARP) {
            entries[(size_t)s * a.heads] = float2{dWeight, weights[s] * keep};
        }
    }
    for (int k = lane; k < s; k += WARP) {
        entries[(size_t)k * a.heads].x = a.scale * weights[k] * (entries[(size_t)k * a.heads].x - inner);
    }
}

// Where the sum of one channel goes: to a source's row, or to a partial row.
template <class T> DEVICE void storeSum(float sum, int target, const HeadsTo<T>& to, int h, int d, float* partial, int channels, int c) {
    if (target >= 0) {
        fromFloat(sum, *vectorAt(to, target, h, d));
    } else {
        partial[(size_t)(-1 - target) * channels + c] = sum;
    }
}

// Backward, second step. FOR_KEYS: dKey and dValue, with the uses sorted by key; otherwise dQuery, with the uses sorted by asking row.
// Launch: grid pieces, block of whole warps, best H * D threads.
template <class T, bool FOR_KEYS>
DEVICE void listAttentionGatherAny(const ListArgumentsOf<T>& a, const ListGradientsOf<T>& g, const Pieces& pieces, const ListUse* uses, int D) {
    const int channels = a.heads * D, first = pieces.start[blockIdx.x], end = pieces.start[blockIdx.x + 1], target = pieces.target[blockIdx.x];
    for (int c = threadIdx.x; c < channels; c += blockDim.x) {
        const int h = c / D, d = c % D;
        float main = 0, dValue = 0;
#pragma unroll 4
        for (int i = first; i < end; i++) {
            const ListUse use = readAligned(uses + i);
            const float2 factors = g.entries[(size_t)use.entry * a.heads + h];
            main += factors.x * toFloat(FOR_KEYS ? *vectorAt(a.query, use.asking, h, d) : *vectorAt(a.key, use.key, h, d));
            if (FOR_KEYS) {
                dValue += factors.y * toFloat(*vectorAt(g.dOut, use.row, h, d));
            }
        }
        storeSum(main, target, FOR_KEYS ? g.dKey : g.dQuery, h, d, g.partial, channels, c);
        if (FOR_KEYS) {
            storeSum(dValue, target, g.dValue, h, d, g.partial + (size_t)g.keyPartials * channels, channels, c);
        }
    }
}
