// Device.crossEntropy with its gradient in place of the logits, and Device.divergence with both gradients in place.
#pragma once
#include "tiles.cuh"

// What a softmax needs to know of some logits z: the largest, the sum of 2^(unit (z - largest)), the sum of z. The largest is subtracted
// before anything is multiplied, so that large logits that are close to each other keep their difference.
struct Softmax {
    float top, sum, total;
};
// Symmetric: two lanes that exchange their parts get the same bits.
DEVICE Softmax merge(Softmax a, Softmax b, float unit) {
    const float top = fmaxf(a.top, b.top);
    return {top, a.sum * exp2Of((a.top - top) * unit) + b.sum * exp2Of((b.top - top) * unit), a.total + b.total};
}
template <int LANES> DEVICE Softmax mergeLanes(Softmax x, float unit) {
#pragma unroll
    for (int step = LANES / 2; step > 0; step /= 2) {
        Softmax other;
        other.top = __shfl_xor_sync(0xffffffffu, x.top, step);
        other.sum = __shfl_xor_sync(0xffffffffu, x.sum, step);
        other.total = __shfl_xor_sync(0xffffffffu, x.total, step);
        x = merge(x, other, unit);
    }
    return x;
}

// 8 logits as they lie in memory.
template <class T> struct EightOf;
template <> struct EightOf<bf16> {
    Bf16x8 packed;
    DEVICE_MEMBER void unpackTo(float (&x)[8]) const { unpack(packed, x); }
};
template <> struct EightOf<float> {
    Float4 low, high;
    DEVICE_MEMBER void unpackTo(float (&x)[8]) const {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            x[i] = low.at[i];
            x[4 + i] = high.at[i];
        }
    }
};

// A row of `pitch` numbers as vectors of 8, wherever it starts: vector v has columns [8v - lead, 8v - lead + 8). Vectors that reach over
// an end of the row are read and written one number at a time.
template <class T> struct RowVectors {
    typedef EightOf<T> Eight;
    T* line;
    int lead, pitch, count;
    DEVICE_MEMBER RowVectors(T* row, int width) : line(row), lead((int)((size_t)row % 16 / sizeof(T))), pitch(width), count((lead + width + 7) / 8) {}
    DEVICE_MEMBER int column(int v) const { return 8 * v - lead; }
    DEVICE_MEMBER bool isWhole(int v) const { return column(v) >= 0 && column(v) + 8 <= pitch; }
    DEVICE_MEMBER Eight read(int v) const {
        return isWhole(v) ? *(const Eight*)(line + column(v)) : readEdge(v);
    }
    DEVICE_MEMBER Eight readEdge(int v) const {
        Eight x;
#pragma unroll
        for (int i = 0; i < 8; i++) {
            const int c = column(v) + i;
            ((T*)&x)[i] = c >= 0 && c < pitch ? line[c] : T(0);
        }
        return x;
    }
    DEVICE_MEMBER void write(int v, const float (&x)[8]) const {
        if (isWhole(v)) {
            storeStreaming(line + column(v), x);
        } else {
#pragma unroll
            for (int i = 0; i < 8; i++) {
                const int c = column(v) + i;
                if (c >= 0 && c < pitch) {
                    fromFloat(x[i], line[c]);
                }
            }
        }
    }
};

constexpr int LOSS_PARTS_BYTES = 384;  // one Softmax for each of up to 32 warps
// Dynamic shared memory; a row that is not aligned to 16 bytes needs one vector more.
template <class T> constexpr int crossEntropyBytes(bool inShared, int pitch) {
    return LOSS_PARTS_BYTES + (inShared ? ((pitch + 7) / 8 + 1) * (int)sizeof(EightOf<T>) : 0);
}

// loss_i = -log softmax(scale * logits_i)[label_i] with label smoothing, and, where `gradient`, the gradient of factor * sum of loss_i in place
// of the logits. A block has a row of V logits that starts every `pitch` numbers; columns from V to the pitch are padding, which is
// ignored and whose gradient is 0. Neither V nor pitch has to be a multiple of anything.
//
// IN_SHARED: one read and one write of global memory. The row is copied to shared memory, where each thread meets only what it
// copied itself, so that the one barrier is that of the softmax. A row of 50,304 takes 99 KB: two blocks run on a processor
// of capability 8.0 or 9.0, and one reads while the other writes. Without it the second pass reads the row again, from L2 if it
// is still there; this is for rows that do not fit, and for short ones.
// THREADS: a power of two times 32. Launch: grid rows, THREADS threads, crossEntropyBytes of dynamic shared memory.
template <class T, int THREADS, bool IN_SHARED>
DEVICE void crossEntropy(T* logits, int pitch, const int* labels, float scale, float smoothing, int gradient, float factor, float* loss, int V) {
    SHARED_MEMORY(char, memory);
    Softmax* parts = (Softmax*)memory;
    EightOf<T>* kept = (EightOf<T>*)(memory + LOSS_PARTS_BYTES);
    constexpr int WARPS = THREADS / WARP, GROUPS = 4;
    const int row = blockIdx.x, label = labels[row];
    const RowVectors<T> vectors(logits + (size_t)row * pitch, pitch);
    if (label < 0) {  // the whole block
        const float NOTHING[8] = {};
        for (int v = threadIdx.x; gradient && v < vectors.count; v += THREADS) {
            vectors.write(v, NOTHING);
        }
        if (threadIdx.x == 0) {
            loss[row] = 0;
        }
        return;
    }
    const float unit = scale * LOG2_E, labelLogit = toFloat(vectors.line[label]);  // read before the barrier, overwritten behind it
    Softmax mine{UNSEEN, 0, 0};
    auto add = [&](int v, const EightOf<T>& eight) {
        float x[8], top = mine.top, sum = 0, total = 0;
        eight.unpackTo(x);
        const int column = vectors.column(v);
        if (column < 0 || column + 8 > V) {
#pragma unroll
            for (int i = 0; i < 8; i++) {
                const bool counts = column + i >= 0 && column + i < V;
                total += counts ? x[i] : 0.f;
                x[i] = counts ? x[i] : UNSEEN;
                top = fmaxf(top, x[i]);
            }
        } else {
#pragma unroll
            for (int i = 0; i < 8; i++) {
                total += x[i];
                top = fmaxf(top, x[i]);
            }
        }
#pragma unroll
        for (int i = 0; i < 8; i++) {
            sum += exp2Of((x[i] - top) * unit);
        }
        mine.sum = mine.sum * exp2Of((mine.top - top) * unit) + sum;
        mine.top = top;
        mine.total += total;
    };
    if constexpr (IN_SHARED) {
        // Four groups of copies; the softmax of the first begins while the others are under way.
        const int turns = (vectors.count + THREADS - 1) / THREADS, each = (turns + GROUPS - 1) / GROUPS;
        auto vectorOf = [&](int group, int k) { return (int)threadIdx.x + (group * each + k) * THREADS; };
#pragma unroll
        for (int group = 0; group < GROUPS; group++) {
            for (int k = 0; k < each; k++) {
                const int v = vectorOf(group, k);
                if (v < vectors.count) {
                    if (vectors.isWhole(v)) {
#pragma unroll
                        for (int part = 0; part < (int)sizeof(EightOf<T>); part += 16) {
                            copyAsync<16>((char*)(kept + v) + part, (const char*)(vectors.line + vectors.column(v)) + part, true);
                        }
                    } else {
                        kept[v] = vectors.readEdge(v);
                    }
                }
            }
            commitCopies();
        }
        auto addGroup = [&](int group) {
            for (int k = 0; k < each; k++) {
                const int v = vectorOf(group, k);
                if (v < vectors.count) {
                    add(v, kept[v]);
                }
            }
        };
        awaitCopies<3>();
        addGroup(0);
        awaitCopies<2>();
        addGroup(1);
        awaitCopies<1>();
        addGroup(2);
        awaitCopies<0>();
        addGroup(3);
    } else {
        for (int v = threadIdx.x; v < vectors.count; v += THREADS) {
            add(v, vectors.read(v));
        }
    }
    Softmax all = mergeLanes<WARP>(mine, unit);
    if (threadIdx.x % WARP == 0) {
        parts[threadIdx.x / WARP] = all;
    }
    __syncthreads();
    all = mergeLanes<WARPS>(parts[threadIdx.x % WARPS], unit);
    const float logSum = log2Of(all.sum);  // beyond the largest
    if (threadIdx.x == 0) {
        loss[row] = (logSum + unit * ((1 - smoothing) * (all.top - labelLogit) + smoothing * (all.top - all.total / V))) * LN_2;
    }
    if (!gradient) {
        return;
    }
    const float slope = factor * scale, each = slope * smoothing / V, atLabel = slope * (1 - smoothing);
    for (int v = threadIdx.x; v < vectors.count; v += THREADS) {
        const EightOf<T> eight = IN_SHARED ? kept[v] : vectors.read(v);
        const int column = vectors.column(v);
        float x[8];
        eight.unpackTo(x);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            x[i] = slope * exp2Of((x[i] - all.top) * unit - logSum) - each;
        }
        if (label >= column && label < column + 8) {
#pragma unroll
            for (int i = 0; i < 8; i++) {
                x[i] -= column + i == label ? atLabel : 0.f;
            }
        }
        if (column + 8 > V) {
#pragma unroll
            for (int i = 0; i < 8; i++) {
                x[i] = column + i < V ? x[i] : 0.f;
            }
        }
        vectors.write(v, x);
    }
}

// Device.divergence. With A = log softmax(scale * teacher) and S = log softmax(scale * student) of a row, where KL: loss = sum of
// exp(A)(A - S) + exp(S)(S - A); otherwise sum of (A - S)^2. Both rows are replaced by the gradients of factor * sum of the losses, the
// student's times beta and the teacher's times 1 - beta. A warp has a row of K logits, which it reads three times: it comes
// from the cache. Launch: grid ceil(rows / warps of a block), whole warps.
template <class T, bool KL> DEVICE void divergence(T* teacher, T* student, float scale, float beta, float factor, float* loss, int rows, int K) {
    const int row = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP, lane = threadIdx.x % WARP;
    if (row >= rows) {
        return;  // whole warps
    }
    T* lines[2] = {teacher + (size_t)row * K, student + (size_t)row * K};
    float top[2], logSum[2];
    for (int side = 0; side < 2; side++) {
        Softmax mine{UNSEEN, 0, 0};
        for (int j = lane; j < K; j += WARP) {
            mine = merge(mine, {toFloat(lines[side][j]), 1, 0}, scale * LOG2_E);
        }
        mine = mergeLanes<WARP>(mine, scale * LOG2_E);
        top[side] = mine.top;
        logSum[side] = log2Of(mine.sum) * LN_2;
    }
    // The derivative of the loss to a side's logarithms of probabilities, the other side being fixed.
    auto slope = [](float own, float other) { return KL ? exp2Of(own * LOG2_E) * (1 + own - other) - exp2Of(other * LOG2_E) : 2 * (own - other); };
    auto logOf = [&](int side, int j) { return (toFloat(lines[side][j]) - top[side]) * scale - logSum[side]; };
    float cost = 0, sums[2] = {};
    for (int j = lane; j < K; j += WARP) {
        const float a = logOf(0, j), s = logOf(1, j);
        cost += (a - s) * (KL ? exp2Of(a * LOG2_E) - exp2Of(s * LOG2_E) : a - s);
        sums[0] += slope(a, s);
        sums[1] += slope(s, a);
    }
    cost = sumLanes<WARP>(cost);
    sums[0] = sumLanes<WARP>(sums[0]);
    sums[1] = sumLanes<WARP>(sums[1]);
    for (int j = lane; j < K; j += WARP) {
        const float a = logOf(0, j), s = logOf(1, j);  // both, before one is overwritten
        fromFloat(factor * (1 - beta) * scale * (slope(a, s) - exp2Of(a * LOG2_E) * sums[0]), lines[0][j]);
        fromFloat(factor * beta * scale * (slope(s, a) - exp2Of(s * LOG2_E) * sums[1]), lines[1][j]);
    }
    if (lane == 0) {
        loss[row] = cost;
    }
}
