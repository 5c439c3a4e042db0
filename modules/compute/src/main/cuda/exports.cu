// Every kernel under the plain name by which the host finds it (cuModuleGetFunction). Structs are passed by value; the host fills them
// byte by byte, so their sizes are asserted here.
#include "attention_backward.cuh"
#include "layer_norm.cuh"
#include "list_attention.cuh"
#include "losses.cuh"
#include "optimizer.cuh"

static_assert(sizeof(Heads) == 16 && sizeof(Dropout) == 16 && sizeof(AttentionArguments) == 160 && sizeof(AttentionGradients) == 96, "layout");
static_assert(sizeof(ListArguments) == 128 && sizeof(ListGradients) == 88 && sizeof(ListUse) == 16, "layout");
static_assert(sizeof(Pieces) == 24 && sizeof(Splits) == 24 && sizeof(AdamRates) == 32, "layout");

// KERNEL(most threads of a block[, blocks a processor whose registers have to suffice]) name(arguments)
#define KERNEL(...) extern "C" __global__ void __launch_bounds__(__VA_ARGS__)
#define BY_VALUE __grid_constant__ const

// ---------------------------------------------------------------- attention: name_D_P, then the row tiles or the piece, then _drop

// Blocks a processor: as many as the registers allow with almost no spills.
#define FORWARD_BLOCKS(D, P, TILES) ((TILES) == 2 ? 2 : (D) < 128 ? ((P) >= 64 ? 3 : 4) : (P) ? 2 : 3)
#define BACKWARD_BLOCKS(D, P, PIECE) ((PIECE) > 32 ? 2 : (D) == 32 ? 3 : (D) == 64 ? ((P) ? 2 : 3) : 2)
#define FORWARD(D, P, TILES, DROP, SUFFIX)                                                                         \
    KERNEL(128, FORWARD_BLOCKS(D, P, TILES)) attentionForward_##D##_##P##_m##TILES##SUFFIX(BY_VALUE AttentionArguments a) { \
        attentionForward<D, P, TILES, DROP>(a);                                                                    \
    }
#define BACKWARD(D, P, PIECE, DROP, SUFFIX)                                                                        \
    KERNEL(128, BACKWARD_BLOCKS(D, P, PIECE))                                                                      \
    attentionBackwardKeys_##D##_##P##_p##PIECE##SUFFIX(BY_VALUE AttentionArguments a, BY_VALUE AttentionGradients d) { \
        attentionBackward<D, P, DROP, true, PIECE>(a, d);                                                          \
    }                                                                                                              \
    KERNEL(128, BACKWARD_BLOCKS(D, P, PIECE))                                                                      \
    attentionBackwardQueries_##D##_##P##_p##PIECE##SUFFIX(BY_VALUE AttentionArguments a, BY_VALUE AttentionGradients d) { \
        attentionBackward<D, P, DROP, false, PIECE>(a, d);                                                         \
    }
#define FORWARD_BOTH(D, P, TILES) FORWARD(D, P, TILES, false, ) FORWARD(D, P, TILES, true, _drop)
#define BACKWARD_BOTH(D, P, PIECE) BACKWARD(D, P, PIECE, false, ) BACKWARD(D, P, PIECE, true, _drop)
FORWARD_BOTH(32, 0, 1) FORWARD_BOTH(32, 32, 1) FORWARD_BOTH(64, 0, 1) FORWARD_BOTH(64, 64, 1) FORWARD_BOTH(128, 0, 1) FORWARD_BOTH(128, 128, 1)
FORWARD_BOTH(32, 0, 2) FORWARD_BOTH(32, 32, 2) FORWARD_BOTH(64, 0, 2) FORWARD_BOTH(64, 64, 2)
BACKWARD_BOTH(32, 0, 32) BACKWARD_BOTH(32, 32, 32) BACKWARD_BOTH(64, 0, 32) BACKWARD_BOTH(64, 64, 32)
BACKWARD_BOTH(128, 0, 32) BACKWARD_BOTH(128, 128, 32)
BACKWARD_BOTH(64, 0, 64) BACKWARD_BOTH(64, 64, 64)
#define DELTA(D)                                                                                        \
    KERNEL(256) attentionDelta_##D(BY_VALUE AttentionArguments a, BY_VALUE AttentionGradients d) {      \
        attentionDelta<D>(a, d);                                                                        \
    }
DELTA(32) DELTA(64) DELTA(128)
KERNEL(256) positionFold_(const float* parts, int groups, int rows, int H, int P, float* target, int targetRow, int targetHead) {
    positionFold(parts, groups, rows, H, P, target, targetRow, targetHead);
}

// ---------------------------------------------------------------- attention over lists: name_D, then the slots or the batch of loads

#define LISTS(D, SLOTS)                                                                                                  \
    KERNEL(256) listAttentionForward_##D##_s##SLOTS(BY_VALUE ListArguments a) { listAttentionForward<D, SLOTS>(a); }     \
    KERNEL(256) listAttentionLogits_##D##_s##SLOTS(BY_VALUE ListArguments a, BY_VALUE ListGradients g) { listAttentionLogits<D, SLOTS>(a, g); }
#define USES(D, BATCH)                                                                                                   \
    KERNEL(1024) listAttentionKeys_##D##_b##BATCH(BY_VALUE ListArguments a, BY_VALUE ListGradients g, BY_VALUE Pieces pieces, const ListUse* uses) { \
        listAttentionKeys<D, BATCH>(a, g, pieces, uses);                                                                 \
    }                                                                                                                    \
    KERNEL(1024) listAttentionQueries_##D##_b##BATCH(BY_VALUE ListArguments a, BY_VALUE ListGradients g, BY_VALUE Pieces pieces, const ListUse* uses) { \
        listAttentionQueries<D, BATCH>(a, g, pieces, uses);                                                              \
    }
LISTS(32, 8) LISTS(64, 8) LISTS(128, 8) LISTS(32, 16) LISTS(64, 16) LISTS(128, 16)
USES(32, 4) USES(64, 4) USES(128, 4) USES(64, 2)
KERNEL(256) listAttentionFold_(BY_VALUE Splits splits, const float* partial, int partials, int heads, int D, BY_VALUE HeadsOut first, BY_VALUE HeadsOut second) {
    listAttentionFold(splits, partial, partials, heads, D, first, second);
}

// ---------------------------------------------------------------- layer norm: addLayerNorm_VECTORS for C <= 256 * VECTORS

#define NORM(VECTORS)                                                                                                    \
    KERNEL(256) addLayerNorm_##VECTORS(const float* residual, const bf16* delta, const float* weight, const float* bias, float epsilon, \
                                       BY_VALUE Dropout dropout, float* sum, bf16* out, float* mean, float* rstd, int rows, int C) { \
        addLayerNorm<VECTORS>(residual, delta, weight, bias, epsilon, dropout, sum, out, mean, rstd, rows, C);           \
    }
NORM(1) NORM(2) NORM(3) NORM(4) NORM(5) NORM(7)
#define NORM_BACKWARD(NAME, THREADS)                                                                                     \
    KERNEL(THREADS) NAME(const bf16* dOut, const float* x, const float* weight, const float* mean, const float* rstd, float* dX, bf16* dDelta, \
                         BY_VALUE Dropout dropout, float* parts, int rows, int C, int each) {                            \
        layerNormBackward(dOut, x, weight, mean, rstd, dX, dDelta, dropout, parts, rows, C, each);                       \
    }
NORM_BACKWARD(layerNormBackward_256, 256)    // C <= 2048
NORM_BACKWARD(layerNormBackward_1024, 1024)  // C <= 8192, at most 64 registers

// ---------------------------------------------------------------- rows

KERNEL(256) foldColumns_(const float* parts, int count, int stride, float* target, int C) { foldColumns(parts, count, stride, target, C); }
KERNEL(128) biasGelu_(bf16* pre, const float* bias, bf16* out, int rows, int C, int each) { biasGelu(pre, bias, out, rows, C, each); }
KERNEL(128) biasGeluBackward_(const bf16* dOut, const bf16* pre, bf16* dPre, float* parts, int rows, int C, int each) {
    biasGeluBackward(dOut, pre, dPre, parts, rows, C, each);
}
KERNEL(128) dropoutRows_(const bf16* x, bf16* out, BY_VALUE Dropout dropout, int rows, int C, int each) { dropoutRows(x, out, dropout, rows, C, each); }
KERNEL(256) gather_(const int* ids, const float* table, BY_VALUE Dropout dropout, float* out, int C) { gather(ids, table, dropout, out, C); }
KERNEL(256) scatterAdd_(BY_VALUE Pieces pieces, const int* rows, const float* dOut, BY_VALUE Dropout dropout, float* dTable, float* partial, int C) {
    scatterAdd(pieces, rows, dOut, dropout, dTable, partial, C);
}
KERNEL(256) scatterAddFold_(BY_VALUE Splits splits, const float* partial, float* dTable, int C) { scatterAddFold(splits, partial, dTable, C); }

// ---------------------------------------------------------------- losses: crossEntropy_THREADS, then _shared or _twice (how the row is read)

#define LOSS(THREADS, BLOCKS, IN_SHARED, SUFFIX)                                                                         \
    KERNEL(THREADS, BLOCKS) crossEntropy_##THREADS##SUFFIX(bf16* logits, int pitch, const int* labels, float scale, float smoothing, int gradient, \
                                                           float factor, float* loss, int V) {                           \
        crossEntropy<THREADS, IN_SHARED>(logits, pitch, labels, scale, smoothing, gradient, factor, loss, V);            \
    }
LOSS(32, 32, false, _twice) LOSS(256, 8, false, _twice) LOSS(512, 4, false, _twice) LOSS(1024, 2, false, _twice)
LOSS(256, 2, true, _shared) LOSS(512, 2, true, _shared) LOSS(1024, 2, true, _shared)

// ---------------------------------------------------------------- optimizer

KERNEL(256) sumOfSquares_(const float* x, size_t n, double* parts) { sumOfSquares(x, n, parts); }
KERNEL(256) clipCoefficient_(const double* parts, int count, float scale, float limit, double* sum, float* clip) {
    clipCoefficient(parts, count, scale, limit, sum, clip);
}
KERNEL(256) adam_(float* p, bf16* shadow, const float* g, float* m, float* v, u64 n, BY_VALUE AdamRates rates, const float* clip, const u64* ends,
                  const float* decay, int regions) {
    adam(p, shadow, g, m, v, n, rates, clip, ends, decay, regions);
}
