// Tiles of matrices in shared memory: asynchronous copies into them, and products of 16 x 16 pieces on the tensor cores.
//
// A product is mma.sync.m16n8k16. With g = lane / 4 and t = lane % 4, the four sums of a lane are elements (g, 2t), (g, 2t + 1),
// (g + 8, 2t) and (g + 8, 2t + 1) of a 16 x 8 result. That is also the layout of the left operand of a following product, so
// results become operands without a trip through shared memory.
//
// Tiles are row-major with a pitch of 8 elements more than their width: the 8 rows that one ldmatrix reads then lie in
// different banks. -DPLAIN_LOADS uses ordinary loads instead of cp.async and ldmatrix, with the same arithmetic in the same
// order; if a card disagrees with the references, that build tells copies from products.
#pragma once
#include "common.cuh"

// ---------------------------------------------------------------- copies

// 16 or 4 bytes from global to shared memory without waiting; what is not present becomes zeros.
template <int BYTES> DEVICE void copyAsync(void* to, const void* from, bool present) {
#if defined(PLAIN_LOADS)
    for (int i = 0; i < BYTES / 4; i++) {
        ((unsigned*)to)[i] = present ? ((const unsigned*)from)[i] : 0u;
    }
#elif defined(EMULATE)
    emulation::copyAsync(to, from, BYTES, present);
#else
    unsigned address = (unsigned)__cvta_generic_to_shared(to);
    int bytes = present ? BYTES : 0;
    if (BYTES == 16) {
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(bytes) : "memory");
    } else {
        asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(from), "r"(bytes) : "memory");
    }
#endif
}
// Closes a group of copies.
DEVICE void commitCopies() {
#if defined(PLAIN_LOADS)
#elif defined(EMULATE)
    emulation::commitCopies();
#else
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
// Waits until at most PENDING groups of this thread's copies are under way. Others see them after a barrier.
template <int PENDING> DEVICE void awaitCopies() {
#if defined(PLAIN_LOADS)
#elif defined(EMULATE)
    emulation::awaitCopies(PENDING);
#else
    asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
#endif
}

// Copies rows [first, first + ROWS) of WIDTH elements to a tile, from its column `column` on; rows from `end` on become zeros.
template <int ROWS, int WIDTH, int THREADS>
DEVICE void copyTile(bf16* tile, int pitch, int column, const bf16* source, int stride, int first, int end) {
    constexpr int VECTORS = WIDTH / 8, ALL = ROWS * VECTORS;
#pragma unroll 2
    for (int k = 0; k < (ALL + THREADS - 1) / THREADS; k++) {
        int i = threadIdx.x + k * THREADS;
        int r = i / VECTORS, c = i % VECTORS * 8;
        bool present = first + r < end;
        if (ALL % THREADS == 0 || i < ALL) {
            copyAsync<16>(tile + r * pitch + column + c, source + (size_t)(present ? first + r : 0) * stride + c, present);
        }
    }
}

// ---------------------------------------------------------------- operands and products

// sums [16 x 8] += a [16 x 16] b [16 x 8]
DEVICE void multiply(float (&sums)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
#ifdef EMULATE
    emulation::product(sums, a, b0, b1);
#else
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#endif
}

template <bool TRANSPOSED> DEVICE void loadMatrices(unsigned (&to)[4], const bf16* row) {
#ifdef EMULATE
    emulation::loadMatrices(to, row, TRANSPOSED);
#else
    unsigned address = (unsigned)__cvta_generic_to_shared(row);
    if (TRANSPOSED) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                     : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3]) : "r"(address) : "memory");
    } else {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                     : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3]) : "r"(address) : "memory");
    }
#endif
}

DEVICE unsigned pairAt(const bf16* p) { return *(const unsigned*)p; }

// The left operand: rows [row, row + 16) and columns [column, column + 16) of a tile.
DEVICE void loadLeft(unsigned (&a)[4], const bf16* tile, int pitch, int row, int column, int lane) {
#ifdef PLAIN_LOADS
    const bf16* p = tile + (row + lane / 4) * pitch + column + lane % 4 * 2;
    a[0] = pairAt(p);
    a[1] = pairAt(p + 8 * pitch);
    a[2] = pairAt(p + 8);
    a[3] = pairAt(p + 8 * pitch + 8);
#else
    loadMatrices<false>(a, tile + (row + lane % 16) * pitch + column + lane / 16 * 8);
#endif
}

// Two right operands from a tile that holds the right matrix transposed: its columns [column, column + 16) are rows of the
// tile. b[0] and b[1] belong to the first 8 columns, b[2] and b[3] to the others; k counts columns of the tile.
DEVICE void loadRightTransposed(unsigned (&b)[4], const bf16* tile, int pitch, int column, int k, int lane) {
#ifdef PLAIN_LOADS
    const bf16* p = tile + (column + lane / 4) * pitch + k + lane % 4 * 2;
    b[0] = pairAt(p);
    b[1] = pairAt(p + 8);
    b[2] = pairAt(p + 8 * pitch);
    b[3] = pairAt(p + 8 * pitch + 8);
#else
    loadMatrices<false>(b, tile + (column + lane % 8 + lane / 16 * 8) * pitch + k + lane / 8 % 2 * 8);
#endif
}

// Two right operands from a tile that is the right matrix itself: rows [k, k + 16), columns [column, column + 16).
DEVICE void loadRight(unsigned (&b)[4], const bf16* tile, int pitch, int k, int column, int lane) {
#ifdef PLAIN_LOADS
    const bf16* p = tile + (k + lane % 4 * 2) * pitch + column + lane / 4;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const bf16* at = p + i % 2 * 8 * pitch + i / 2 * 8;
        b[i] = (unsigned)at[0] | (unsigned)at[pitch] << 16;
    }
#else
    loadMatrices<true>(b, tile + (k + lane % 16) * pitch + column + lane / 16 * 8);
#endif
}

// The left operand of rows [row, row + 16) straight from global memory; rows from `end` on are zeros.
DEVICE void loadLeftGlobal(unsigned (&a)[4], const bf16* source, int stride, int row, int column, int end, int lane) {
    int r = row + lane / 4;
    const bf16* p = source + (size_t)r * stride + column + lane % 4 * 2;
    const bf16* below = p + (size_t)8 * stride;
    a[0] = r < end ? pairAt(p) : 0u;
    a[1] = r + 8 < end ? pairAt(below) : 0u;
    a[2] = r < end ? pairAt(p + 8) : 0u;
    a[3] = r + 8 < end ? pairAt(below + 8) : 0u;
}

// The left operand made of the results 2x and 2x + 1 of an earlier product.
template <int N> DEVICE void packLeft(unsigned (&a)[4], const float (&sums)[N][4], int x) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        a[i] = packPair(sums[2 * x + i / 2][i % 2 * 2], sums[2 * x + i / 2][i % 2 * 2 + 1]);
    }
}

// sums [16 x 8N] += a [16 x 16] times rows [k, k + 16) and columns [column, column + 8N) of a tile.
template <int N> DEVICE void addProduct(float (&sums)[N][4], const unsigned (&a)[4], const bf16* tile, int pitch, int k, int column, int lane) {
#pragma unroll
    for (int n = 0; n < N; n += 2) {
        unsigned b[4];
        loadRight(b, tile, pitch, k, column + 8 * n, lane);
        multiply(sums[n], a, b[0], b[1]);
        multiply(sums[n + 1], a, b[2], b[3]);
    }
}

template <int M, int N> DEVICE void scaleAll(float (&sums)[M][N], float factor) {
#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
        for (int n = 0; n < N; n++) {
            sums[m][n] *= factor;
        }
    }
}
template <int M, int N> DEVICE void clear(float (&sums)[M][N]) {
#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
        for (int n = 0; n < N; n++) {
            sums[m][n] = 0;
        }
    }
}
