// Device.copyHeads and Device.cachedAttention: a new row of every sample sees all rows of its sample in a cache, for any strides, float32 and
// bfloat16, and head widths up to 256. Reading the cache once is all the work there is.
#pragma once
#include "heads.cuh"
#include "list_attention_any.cuh"

// out = x. Launch: as rotary.
template <class X, class T> DEVICE void copyHeads(HeadsOf<X> x, int rows, int H, int D, HeadsTo<T> out) {
    const HeadPlace place(rows, H, D);
    if (place.count <= 0) {
        return;
    }
    float v[8];
    readSome(place.in(x, place.row), place.count, v);
    writeSome(place.in(out, place.row), place.count, v);
}

template <class T> struct CachedArgumentsOf {
    HeadsOf<T> query, key, value, positionQuery;
    HeadsTo<T> keys, values;
    HeadsOf<T> positionKeys;
    HeadsTo<T> out;
    const int* lengths;
    const float* slopes;
    int capacity, heads;
    float scale, positionScale;
};

// A block has a sample and a head; its warps take turns with the rows of the cache. Each keeps a softmax that is updated with every row, and
// the block puts them together. The new row, j = n, is read where it came from, because nobody waits for its copy in the cache.
// Launch: grid B * H, whole warps, and in shared memory (D + 2) floats for each of them. P: the width of position vectors, or 0.
template <class T> DEVICE void cachedAttention(const CachedArgumentsOf<T>& a, int D, int P) {
    const int b = blockIdx.x / a.heads, h = blockIdx.x % a.heads, n = a.lengths[b];
    const int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP, warps = blockDim.x / WARP;
    const size_t first = (size_t)b * a.capacity;
    const HeadsOf<T> keys{a.keys.data, a.keys.row, a.keys.head}, values{a.values.data, a.values.row, a.values.head};
    float query[LIST_PARTS], positionQuery[LIST_PARTS], x[LIST_PARTS], out[LIST_PARTS] = {}, top = UNSEEN, total = 0;
    readLanes(query, a.query, b, h, D);
    if (P > 0) {
        readLanes(positionQuery, a.positionQuery, b, h, P);
    }
    const float slope = a.slopes ? a.slopes[h] : 0.f;
    for (int j = warp; j <= n; j += warps) {
        readLanes(x, j < n ? keys : a.key, j < n ? (int)(first + j) : b, h, D);
        float product = dotLanes(query, x);
        if (P > 0) {
            readLanes(x, a.positionKeys, j, h, P);
            product += a.positionScale * dotLanes(positionQuery, x);
        }
        const float logit = (a.scale * product + slope * (j - n)) * LOG2_E, high = fmaxf(top, logit);
        const float shrink = exp2Of(top - high), weight = exp2Of(logit - high);
        readLanes(x, j < n ? values : a.value, j < n ? (int)(first + j) : b, h, D);
#pragma unroll
        for (int k = 0; k < LIST_PARTS; k++) {
            out[k] = out[k] * shrink + weight * x[k];
        }
        total = total * shrink + weight;
        top = high;
    }
    SHARED_MEMORY(float, parts);
    float* mine = parts + (size_t)warp * (D + 2);
#pragma unroll
    for (int k = 0; k < LIST_PARTS; k++) {
        if (lane + WARP * k < D) {
            mine[2 + lane + WARP * k] = out[k];
        }
    }
    if (lane == 0) {
        mine[0] = top;
        mine[1] = total;
    }
    __syncthreads();
    float highest = UNSEEN, sum = 0;
    for (int w = 0; w < warps; w++) {
        highest = fmaxf(highest, parts[(size_t)w * (D + 2)]);
    }
    for (int w = 0; w < warps; w++) {
        sum += exp2Of(parts[(size_t)w * (D + 2)] - highest) * parts[(size_t)w * (D + 2) + 1];
    }
    for (int d = threadIdx.x; d < D; d += blockDim.x) {
        float mixed = 0;
        for (int w = 0; w < warps; w++) {
            mixed += exp2Of(parts[(size_t)w * (D + 2)] - highest) * parts[(size_t)w * (D + 2) + 2 + d];
        }
        fromFloat(mixed / sum, vectorAt(a.out, b, h, 0)[d]);
        vectorAt(a.keys, first + n, h, 0)[d] = vectorAt(a.key, b, h, 0)[d];
        vectorAt(a.values, first + n, h, 0)[d] = vectorAt(a.value, b, h, 0)[d];
    }
}
