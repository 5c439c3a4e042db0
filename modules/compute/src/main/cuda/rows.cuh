// Passes over the rows of a matrix: bias and GELU, dropout, Device.gather and Device.scatterAdd, and column sums.
//
// Sums over rows have a fixed order, which depends on the shape alone and not on the card. Column sums take two steps: every block
// leaves a partial row, and foldColumns adds them. Sums by row number follow lists that the host makes from the ids.
#pragma once
#include "common.cuh"

// target[c] += the sum over p of parts[p * stride + c]. Launch: grid ceil(C / 32), block (32, 8), 1024 bytes of shared memory.
DEVICE void foldColumns(const float* parts, int count, int stride, float* target, int C) {
    SHARED_MEMORY(float, sums);
    const int c = blockIdx.x * 32 + threadIdx.x;
    float sum = 0;
    if (c < C) {
#pragma unroll 4
        for (int p = threadIdx.y; p < count; p += 8) {
            sum += parts[(size_t)p * stride + c];
        }
    }
    sums[threadIdx.y * 32 + threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && c < C) {
        for (int y = 1; y < 8; y++) {
            sum += sums[y * 32 + threadIdx.x];
        }
        target[c] += sum;
    }
}

// ---------------------------------------------------------------- GELU and dropout

// Gelu.TANH: 0.5 x (1 + tanh u) with u = sqrt(2/pi) (x + 0.044715 x^3), which is x * sigmoid(2u).
constexpr float GELU_ROOT = 0.7978845608f, GELU_CUBE = 0.044715f;

DEVICE float geluSigmoid(float x) {
    return quotient(1.f, 1.f + exp2Of(-2.f * LOG2_E * GELU_ROOT * (x + GELU_CUBE * x * x * x)));
}
DEVICE float geluSlope(float x) {
    const float s = geluSigmoid(x);
    return s + x * s * (1.f - s) * (2.f * GELU_ROOT) * (1.f + 3.f * GELU_CUBE * x * x);
}

// pre = product + bias in place, out = gelu(pre). A thread has 8 columns and goes over `each` rows.
// Launch: grid (ceil(C / 8 / block), ceil(rows / each)).
DEVICE void biasGelu(bf16* pre, const float* bias, bf16* out, int rows, int C, int each) {
    const int c = 8 * (blockIdx.x * blockDim.x + threadIdx.x), end = min(rows, ((int)blockIdx.y + 1) * each);
    if (c >= C) {
        return;
    }
    float b[8];
    load8(bias + c, b);
#pragma unroll 2
    for (int row = blockIdx.y * each; row < end; row++) {
        float x[8];
        unpack(load8(pre + (size_t)row * C + c), x);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            x[i] += b[i];
        }
        const Bf16x8 kept = pack(x);
        store8(pre + (size_t)row * C + c, kept);
        unpack(kept, x);  // the backward pass sees rounded numbers, and so does this one
#pragma unroll
        for (int i = 0; i < 8; i++) {
            x[i] *= geluSigmoid(x[i]);
        }
        store8(out + (size_t)row * C + c, pack(x));
    }
}

// dPre = dOut * gelu'(pre), which may be dOut, and its column sums (the gradient of the bias) in parts[blockIdx.y][C]. Where pre is null,
// only the column sums of dOut. Launch: as biasGelu.
DEVICE void biasGeluBackward(const bf16* dOut, const bf16* pre, bf16* dPre, float* parts, int rows, int C, int each) {
    const int c = 8 * (blockIdx.x * blockDim.x + threadIdx.x), end = min(rows, ((int)blockIdx.y + 1) * each);
    if (c >= C) {
        return;
    }
    float sums[8] = {};
#pragma unroll 2
    for (int row = blockIdx.y * each; row < end; row++) {
        float d[8];
        unpack(load8(dOut + (size_t)row * C + c), d);
        if (pre) {
            float x[8];
            unpack(load8(pre + (size_t)row * C + c), x);
#pragma unroll
            for (int i = 0; i < 8; i++) {
                d[i] *= geluSlope(x[i]);
            }
            store8(dPre + (size_t)row * C + c, pack(d));
        }
#pragma unroll
        for (int i = 0; i < 8; i++) {
            sums[i] += d[i];
        }
    }
    store8(parts + (size_t)blockIdx.y * C + c, sums);
}

// Device.dropout; out may be x. Launch: as biasGelu.
DEVICE void dropoutRows(const bf16* x, bf16* out, Dropout dropout, int rows, int C, int each) {
    const int c = 8 * (blockIdx.x * blockDim.x + threadIdx.x), end = min(rows, ((int)blockIdx.y + 1) * each);
    if (c >= C) {
        return;
    }
    for (int row = blockIdx.y * each; row < end; row++) {
        float v[8];
        unpack(load8(x + (size_t)row * C + c), v);
        drop8(v, dropoutRow(dropout.key, row), c, dropout);
        store8(out + (size_t)row * C + c, pack(v));
    }
}

// ---------------------------------------------------------------- rows by number

// out row i = drop(table row ids_i) in float32: the start of the residual stream. C % 8 == 0.
// Launch: grid rows, block ceil(C / 8) up to whole warps.
DEVICE void gather(const int* ids, const float* table, Dropout dropout, float* out, int C) {
    const int row = blockIdx.x;
    const unsigned hash = dropout.threshold ? dropoutRow(dropout.key, row) : 0u;
    for (int c = 8 * threadIdx.x; c < C; c += 8 * blockDim.x) {
        float x[8];
        load8(table + (size_t)ids[row] * C + c, x);
        if (dropout.threshold) {
            drop8(x, hash, c, dropout);
        }
        store8(out + (size_t)row * C + c, x);
    }
}

// Who adds to which row, made by the host from the ids. The entries are sorted by target, in their own order within one target. A
// target's entries are cut into pieces of a fixed length at most, because a frequent one has thousands: without pieces, one block
// would add them one after another while the card waits. A target of one piece gets its sum at once. The pieces of a longer
// one leave partial rows, which a second kernel adds in order.
struct Pieces {                // 24 bytes
    const int* start;          // [pieces + 1] first entry of each piece; a piece may be empty
    const int* target;         // [pieces] the row that gets the sum, or -1 - p for partial row p
    int count, reserved;
};
struct Splits {                // 24 bytes
    const int* start;          // [splits + 1] first partial row of each target of several pieces
    const int* target;         // [splits]
    int count, reserved;
};

// dTable row id += the sum of drop(dOut row) over the rows with that id, which `rows` lists piece by piece. Targets of several pieces
// follow in scatterAddFold. C % 4 == 0. Launch: grid (pieces, ceil(C / 4 / block)), 32 to 256 threads.
DEVICE void scatterAdd(const Pieces& pieces, const int* rows, const float* dOut, const Dropout& dropout, float* dTable, float* partial, int C) {
    const int c = 4 * (blockIdx.y * blockDim.x + threadIdx.x);
    if (c >= C) {
        return;
    }
    constexpr int BATCH = 4;  // rows whose loads are under way together
    const int target = pieces.target[blockIdx.x], end = pieces.start[blockIdx.x + 1];
    float* to = target >= 0 ? dTable + (size_t)target * C + c : partial + (size_t)(-1 - target) * C + c;
    Float4 sum = target >= 0 ? load4(to) : Float4{};
    for (int first = pieces.start[blockIdx.x]; first < end; first += BATCH) {
        int row[BATCH];
        Float4 x[BATCH];
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            row[k] = rows[first + k < end ? first + k : first];
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            x[k] = first + k < end ? load4(dOut + (size_t)row[k] * C + c) : Float4{};
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            const unsigned hash = dropout.threshold ? dropoutRow(dropout.key, row[k]) : 0u;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sum.at[i] += dropout.threshold ? x[k].at[i] * dropoutFactor(hash, c + i, dropout) : x[k].at[i];
            }
        }
    }
    store4(to, sum);
}

// The second step for targets of several pieces. Launch: grid (splits, ceil(C / 128)), block (32, 8), 4096 bytes of shared memory.
DEVICE void scatterAddFold(const Splits& splits, const float* partial, float* dTable, int C) {
    SHARED_MEMORY(Float4, slices);
    const int c = 4 * (blockIdx.y * 32 + threadIdx.x), end = splits.start[blockIdx.x + 1];
    Float4 sum{};
    if (c < C) {
#pragma unroll 4
        for (int p = splits.start[blockIdx.x] + threadIdx.y; p < end; p += 8) {
            const Float4 x = load4(partial + (size_t)p * C + c);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sum.at[i] += x.at[i];
            }
        }
    }
    slices[threadIdx.y * 32 + threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && c < C) {
        float* to = dTable + (size_t)splits.target[blockIdx.x] * C + c;
        Float4 all = load4(to);
        for (int y = 0; y < 8; y++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                all.at[i] += slices[y * 32 + threadIdx.x].at[i];
            }
        }
        store4(to, all);
    }
}
