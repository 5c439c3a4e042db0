// Passes over the rows of a matrix: bias and GELU, dropout, Device.addRows, sumRows, gather and scatterAdd, and column sums. C is any
// number and tensors begin anywhere; 16 bytes are loaded at once where that is possible.
//
// Sums over rows have a fixed order, which depends on the shape alone and not on the card. Column sums take two steps: every block
// leaves a partial row, and foldColumns adds them. Sums by row number follow lists that the host makes from the ids.
#pragma once
#include "elementwise.cuh"

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

// pre = product + bias in place, out = gelu(pre); bias may be null. A thread has 8 columns and goes over `each` rows.
// Launch: grid (ceil(C / 8 / block), ceil(rows / each)).
template <class T, bool EXACT> DEVICE void biasGelu(T* pre, const float* bias, T* out, int rows, int C, int each) {
    const int c = 8 * (blockIdx.x * blockDim.x + threadIdx.x), end = min(rows, ((int)blockIdx.y + 1) * each), count = C - c;
    if (count <= 0) {
        return;
    }
    float b[8] = {};
    if (bias) {
        readSome(bias + c, count, b);
    }
#pragma unroll 2
    for (int row = blockIdx.y * each; row < end; row++) {
        const size_t at = (size_t)row * C + c;
        float x[8];
        readSome(pre + at, count, x);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            T kept;
            fromFloat(x[i] + b[i], kept);
            x[i] = toFloat(kept);  // the backward pass sees rounded numbers, and so does this one
        }
        writeSome(pre + at, count, x);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            x[i] *= geluGate<EXACT>(x[i]);
        }
        writeSome(out + at, count, x);
    }
}

// dPre = dOut * gelu'(pre), which may be dOut, and its column sums (the gradient of the bias) in parts[blockIdx.y][C].
// Launch: as biasGelu.
template <class T, bool EXACT> DEVICE void biasGeluBackward(const T* dOut, const T* pre, T* dPre, float* parts, int rows, int C, int each) {
    const int c = 8 * (blockIdx.x * blockDim.x + threadIdx.x), end = min(rows, ((int)blockIdx.y + 1) * each), count = C - c;
    if (count <= 0) {
        return;
    }
    float sums[8] = {};
#pragma unroll 2
    for (int row = blockIdx.y * each; row < end; row++) {
        const size_t at = (size_t)row * C + c;
        float d[8], x[8];
        readSome(dOut + at, count, d);
        readSome(pre + at, count, x);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            d[i] *= geluSlope<EXACT>(x[i]);
            sums[i] += d[i];
        }
        writeSome(dPre + at, count, d);
    }
    writeSome(parts + (size_t)blockIdx.y * C + c, count, sums);
}

// Device.dropout; out may be x, or have the lower precision. Launch: as biasGelu.
template <class T, class Out> DEVICE void dropoutRows(const T* x, Out* out, Dropout dropout, int rows, int C, int each) {
    const int c = 8 * (blockIdx.x * blockDim.x + threadIdx.x), end = min(rows, ((int)blockIdx.y + 1) * each), count = C - c;
    if (count <= 0) {
        return;
    }
    for (int row = blockIdx.y * each; row < end; row++) {
        const size_t at = (size_t)row * C + c;
        float v[8];
        readSome(x + at, count, v);
        drop8(v, dropoutRow(dropout.key, row), c, dropout);
        writeSome(out + at, count, v);
    }
}

// Device.scaleRows: row i of x times factors[i / G]; out may be x, or have the lower precision. Launch: as biasGelu.
template <class T, class Out> DEVICE void scaleRows(const T* x, const float* factors, Out* out, int rows, int C, int G, int each) {
    const int c = 8 * (blockIdx.x * blockDim.x + threadIdx.x), end = min(rows, ((int)blockIdx.y + 1) * each), count = C - c;
    if (count <= 0) {
        return;
    }
    for (int row = blockIdx.y * each; row < end; row++) {
        const size_t at = (size_t)row * C + c;
        const float factor = factors[row / G];
        float v[8];
        readSome(x + at, count, v);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            v[i] *= factor;
        }
        writeSome(out + at, count, v);
    }
}

// ---------------------------------------------------------------- rows that share a row of a table

// Device.addRows, and the bias of Device.linear with P = 1: out = x + table, row i of x meets row i % P of the table; out may be x.
// Launch: as biasGelu.
template <class T, class Table> DEVICE void addRows(const T* x, const Table* table, T* out, int rows, int C, int P, int each) {
    const int c = 8 * (blockIdx.x * blockDim.x + threadIdx.x), end = min(rows, ((int)blockIdx.y + 1) * each), count = C - c;
    if (count <= 0) {
        return;
    }
    for (int row = blockIdx.y * each; row < end; row++) {
        const size_t at = (size_t)row * C + c;
        float a[8], b[8];
        readSome(x + at, count, a);
        readSome(table + (size_t)(row % P) * C + c, count, b);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            a[i] += b[i];
        }
        writeSome(out + at, count, a);
    }
}

// Device.sumRows, and the column sums of Device.linearBackward with P = 1: parts[slice][p][C] = the sum over `each` of the rows i with
// i % P = p, from the slice's first on. foldColumns adds the slices to the table, as rows of P * C numbers.
// Launch: grid (ceil(C / 8 / block), P, ceil(ceil(rows / P) / each)).
template <class T> DEVICE void sumRows(const T* dOut, float* parts, int rows, int C, int P, int each) {
    const int c = 8 * (blockIdx.x * blockDim.x + threadIdx.x), count = C - c, p = blockIdx.y;
    if (count <= 0) {
        return;
    }
    float sums[8] = {};
    const size_t first = p + (size_t)blockIdx.z * each * P, end = first + (size_t)each * P;
#pragma unroll 4
    for (size_t row = first; row < end && row < (size_t)rows; row += P) {
        float d[8];
        readSome(dOut + row * C + c, count, d);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            sums[i] += d[i];
        }
    }
    writeSome(parts + ((size_t)blockIdx.z * P + p) * C + c, count, sums);
}

// ---------------------------------------------------------------- rows by number

// Device.gather with dropout: out row i = drop(table row ids_i), or += where `accumulate`.
// Launch: grid rows, block ceil(C / 8) up to whole warps, at most 256.
template <class Table, class Out> DEVICE void gather(const int* ids, const Table* table, Dropout dropout, int accumulate, Out* out, int C) {
    const int row = blockIdx.x;
    const unsigned hash = dropout.threshold ? dropoutRow(dropout.key, row) : 0u;
    for (int c = 8 * threadIdx.x; c < C; c += 8 * blockDim.x) {
        float x[8], old[8] = {};
        readSome(table + (size_t)ids[row] * C + c, C - c, x);
        if (dropout.threshold) {
            drop8(x, hash, c, dropout);
        }
        Out* to = out + (size_t)row * C + c;
        if (accumulate) {
            readSome(to, C - c, old);
        }
#pragma unroll
        for (int i = 0; i < 8; i++) {
            x[i] += old[i];
        }
        writeSome(to, C - c, x);
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
// follow in scatterAddFold. Launch: grid (pieces, ceil(C / 4 / block)), 32 to 256 threads.
template <class T, class Table>
DEVICE void scatterAdd(const Pieces& pieces, const int* rows, const T* dOut, const Dropout& dropout, Table* dTable, float* partial, int C) {
    const int c = 4 * (blockIdx.y * blockDim.x + threadIdx.x), count = C - c;
    if (count <= 0) {
        return;
    }
    constexpr int BATCH = 4;  // rows whose loads are under way together
    const int target = pieces.target[blockIdx.x], end = pieces.start[blockIdx.x + 1];
    float sum[4] = {};
    if (target >= 0) {
        readSome(dTable + (size_t)target * C + c, count, sum);
    }
    for (int first = pieces.start[blockIdx.x]; first < end; first += BATCH) {
        int row[BATCH];
        float x[BATCH][4];
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            row[k] = rows[first + k < end ? first + k : first];
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            readSome(dOut + (size_t)row[k] * C + c, first + k < end ? count : 0, x[k]);
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            const unsigned hash = dropout.threshold ? dropoutRow(dropout.key, row[k]) : 0u;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sum[i] += dropout.threshold ? x[k][i] * dropoutFactor(hash, c + i, dropout) : x[k][i];
            }
        }
    }
    if (target >= 0) {
        writeSome(dTable + (size_t)target * C + c, count, sum);
    } else {
        writeSome(partial + (size_t)(-1 - target) * C + c, count, sum);
    }
}

// The second step for targets of several pieces. Launch: grid (splits, ceil(C / 128)), block (32, 8), 4096 bytes of shared memory.
template <class Table> DEVICE void scatterAddFold(const Splits& splits, const float* partial, Table* dTable, int C) {
    SHARED_MEMORY(float, slices);
    const int c = 4 * (blockIdx.y * 32 + threadIdx.x), count = C - c, end = splits.start[blockIdx.x + 1];
    float sum[4] = {};
    if (count > 0) {
#pragma unroll 4
        for (int p = splits.start[blockIdx.x] + threadIdx.y; p < end; p += 8) {
            float x[4];
            readSome(partial + (size_t)p * C + c, count, x);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sum[i] += x[i];
            }
        }
    }
    store(slices + (threadIdx.y * 32 + threadIdx.x) * 4, sum);
    __syncthreads();
    if (threadIdx.y == 0 && count > 0) {
        Table* to = dTable + (size_t)splits.target[blockIdx.x] * C + c;
        readSome(to, count, sum);
        for (int y = 0; y < 8; y++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sum[i] += slices[(y * 32 + threadIdx.x) * 4 + i];
            }
        }
        writeSome(to, count, sum);
    }
}
