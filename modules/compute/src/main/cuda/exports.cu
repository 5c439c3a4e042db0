// Every kernel under the plain name by which the host finds it (cuModuleGetFunction). Structs are passed by value; the host fills them
// byte by byte, so their sizes are asserted here.
//
// Names end with the types of activations, _f32 or _bf16; two types are those of input and output, or of the residual stream and the
// branches. Kernels on tensor cores have bfloat16 activations and no such ending, other names without one work on float32.
#include "attention_any.cuh"
#include "cached_attention.cuh"
#include "heads.cuh"
#include "layer_norm.cuh"
#include "list_attention_any.cuh"
#include "losses.cuh"
#include "optimizer.cuh"

static_assert(sizeof(Heads) == 16 && sizeof(Dropout) == 16 && sizeof(AttentionArguments) == 160 && sizeof(AttentionGradients) == 96, "layout");
static_assert(sizeof(ListArguments) == 128 && sizeof(ListGradients) == 88 && sizeof(ListUse) == 16, "layout");
static_assert(sizeof(CachedArgumentsOf<float>) == 160 && sizeof(CachedArgumentsOf<bf16>) == 160, "layout");
static_assert(sizeof(Pieces) == 24 && sizeof(Splits) == 24 && sizeof(AdamRates) == 32, "layout");

// KERNEL(most threads of a block[, blocks a processor whose registers have to suffice]) name(arguments)
#ifdef EMULATE
#define KERNEL(THREADS, ...) LAUNCH_BOUNDS(THREADS) extern "C" void
#define BY_VALUE const
#else
#define KERNEL(...) extern "C" __global__ void __launch_bounds__(__VA_ARGS__)
#define BY_VALUE __grid_constant__ const
#endif

typedef float f32;
#define TYPES(KERNEL_OF) KERNEL_OF(f32) KERNEL_OF(bf16)

// ---------------------------------------------------------------- attention: name_D_P, then the row tiles or the piece, then _drop

// Blocks a processor: as many as the registers allow with almost no spills.
#define FORWARD_BLOCKS(D, P, TILES) ((TILES) == 2 ? 2 : (D) <= 64 ? ((P) >= 64 ? 3 : 4) : (P) ? 2 : 3)
#define BACKWARD_BLOCKS(D, P, PIECE) ((PIECE) > 32 ? 2 : (D) == 32 ? 3 : (D) == 64 ? ((P) ? 2 : 3) : 2)
#define FORWARD(D, P, TILES, KEYS, DROP, SUFFIX)                                                                  \
    KERNEL(128, FORWARD_BLOCKS(D, P, TILES)) attentionForward_##D##_##P##_m##TILES##SUFFIX(BY_VALUE AttentionArguments a) { \
        attentionForward<D, P, TILES, DROP, KEYS>(a);                                                              \
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
#define FORWARD_BOTH(D, P, TILES) FORWARD(D, P, TILES, 64, false, ) FORWARD(D, P, TILES, 64, true, _drop)
#define BACKWARD_BOTH(D, P, PIECE) BACKWARD(D, P, PIECE, false, ) BACKWARD(D, P, PIECE, true, _drop)
#define BOTH_WIDTHS(D) FORWARD_BOTH(D, 0, 1) FORWARD_BOTH(D, D, 1) BACKWARD_BOTH(D, 0, 32) BACKWARD_BOTH(D, D, 32)
BOTH_WIDTHS(32) BOTH_WIDTHS(64) BOTH_WIDTHS(80) BOTH_WIDTHS(96) BOTH_WIDTHS(128)
FORWARD_BOTH(32, 0, 2) FORWARD_BOTH(32, 32, 2) FORWARD_BOTH(64, 0, 2) FORWARD_BOTH(64, 64, 2)
BACKWARD_BOTH(64, 0, 64) BACKWARD_BOTH(64, 64, 64)
// Smaller tiles, for the 99 KB of shared memory of capability 8.6 and 8.9.
FORWARD(128, 128, 1, 32, false, _k32) FORWARD(128, 128, 1, 32, true, _k32_drop)
BACKWARD_BOTH(128, 128, 16)
#define DELTA(D)                                                                                        \
    KERNEL(256) attentionDelta_##D(BY_VALUE AttentionArguments a, BY_VALUE AttentionGradients d) {      \
        attentionDelta<D>(a, d);                                                                        \
    }
DELTA(32) DELTA(64) DELTA(80) DELTA(96) DELTA(128)
// Any width: name_anySLICE_type.
#define ATTENTION_ANY(T, SLICE)                                                                                          \
    KERNEL(256) attentionForward_any##SLICE##_##T(BY_VALUE AttentionArgumentsOf<T> a, int D, int P) { attentionForwardAny<T, SLICE>(a, D, P); } \
    KERNEL(256) attentionBackwardKeys_any##SLICE##_##T(BY_VALUE AttentionArgumentsOf<T> a, BY_VALUE AttentionGradientsOf<T> d, int D, int P) { \
        attentionBackwardAny<T, SLICE, true>(a, d, D, P);                                                                \
    }                                                                                                                    \
    KERNEL(256) attentionBackwardQueries_any##SLICE##_##T(BY_VALUE AttentionArgumentsOf<T> a, BY_VALUE AttentionGradientsOf<T> d, int D, int P) { \
        attentionBackwardAny<T, SLICE, false>(a, d, D, P);                                                               \
    }
ATTENTION_ANY(f32, 64) ATTENTION_ANY(f32, 128) ATTENTION_ANY(bf16, 64) ATTENTION_ANY(bf16, 128)
#define DELTA_ANY(T)                                                                                                     \
    KERNEL(256) attentionDelta_any_##T(BY_VALUE AttentionArgumentsOf<T> a, BY_VALUE AttentionGradientsOf<T> d, int D) { attentionDeltaAny(a, d, D); }
TYPES(DELTA_ANY)
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
#define LISTS_ANY(T)                                                                                                     \
    KERNEL(256) listAttentionForward_any_##T(BY_VALUE ListArgumentsOf<T> a, int D) { listAttentionForwardAny(a, D); }     \
    KERNEL(256) listAttentionLogits_any_##T(BY_VALUE ListArgumentsOf<T> a, BY_VALUE ListGradientsOf<T> g, int D) { listAttentionLogitsAny(a, g, D); } \
    KERNEL(1024) listAttentionKeys_any_##T(BY_VALUE ListArgumentsOf<T> a, BY_VALUE ListGradientsOf<T> g, BY_VALUE Pieces pieces, const ListUse* uses, int D) { \
        listAttentionGatherAny<T, true>(a, g, pieces, uses, D);                                                          \
    }                                                                                                                    \
    KERNEL(1024) listAttentionQueries_any_##T(BY_VALUE ListArgumentsOf<T> a, BY_VALUE ListGradientsOf<T> g, BY_VALUE Pieces pieces, const ListUse* uses, int D) { \
        listAttentionGatherAny<T, false>(a, g, pieces, uses, D);                                                         \
    }                                                                                                                    \
    KERNEL(256) listAttentionFold_##T(BY_VALUE Splits splits, const float* partial, int partials, int heads, int D, BY_VALUE HeadsTo<T> first, BY_VALUE HeadsTo<T> second) { \
        listAttentionFold(splits, partial, partials, heads, D, first, second);                                           \
    }
TYPES(LISTS_ANY)

// ---------------------------------------------------------------- layer norm: addLayerNorm_VECTORS for C <= 256 * VECTORS, 0 for any C

#define NORM(X, T, SUFFIX, VECTORS)                                                                                      \
    KERNEL(256, (VECTORS) <= 4 ? 3 : 2) addLayerNorm_##VECTORS##SUFFIX(const X* residual, const T* delta, const float* weight, const float* bias, float epsilon, \
                                               BY_VALUE Dropout dropout, X* sum, T* out, float* mean, float* rstd, int rows, int C) { \
        addLayerNorm<X, T, VECTORS>(residual, delta, weight, bias, epsilon, dropout, sum, out, mean, rstd, rows, C);     \
    }
#define NORM_BACKWARD(X, T, SUFFIX, THREADS)                                                                             \
    KERNEL(THREADS, 1) layerNormBackward_##THREADS##SUFFIX(const T* dOut, const X* x, const float* weight, const float* mean, const float* rstd, X* dX, \
                                                        int accumulate, T* dDelta, BY_VALUE Dropout dropout, float* parts, int rows, int C, int each) { \
        layerNormBackward(dOut, x, weight, mean, rstd, dX, accumulate, dDelta, dropout, parts, rows, C, each);           \
    }
// 256 threads for C <= 2048; 1024 for C <= 8192, with at most 64 registers.
#define NORMS(X, T, SUFFIX)                                                                                              \
    NORM(X, T, SUFFIX, 0) NORM(X, T, SUFFIX, 1) NORM(X, T, SUFFIX, 2) NORM(X, T, SUFFIX, 3) NORM(X, T, SUFFIX, 4)         \
    NORM(X, T, SUFFIX, 5) NORM(X, T, SUFFIX, 7) NORM_BACKWARD(X, T, SUFFIX, 256) NORM_BACKWARD(X, T, SUFFIX, 1024)
NORMS(f32, f32, _f32) NORMS(f32, bf16, _f32_bf16) NORMS(bf16, bf16, _bf16)

// ---------------------------------------------------------------- elements and rows

#define ELEMENTWISE(T)                                                                                                   \
    KERNEL(256) fill_##T(T* x, u64 n, float value) { fill(x, n, value); }                                                \
    KERNEL(256) axpy_##T(float alpha, const T* x, T* target, u64 n) { axpy(alpha, x, target, n); }                       \
    KERNEL(256) scale_##T(T* x, u64 n, float alpha, const float* coefficient) { scale(x, n, alpha, coefficient); }       \
    KERNEL(256) add_##T(const T* a, const T* b, T* out, u64 n) { add(a, b, out, n); }                                    \
    KERNEL(128) dropoutRows_##T(const T* x, T* out, BY_VALUE Dropout dropout, int rows, int C, int each) { dropoutRows(x, out, dropout, rows, C, each); } \
    KERNEL(128) scaleRows_##T(const T* x, const float* factors, T* out, int rows, int C, int G, int each) { scaleRows(x, factors, out, rows, C, G, each); } \
    KERNEL(128) sumRows_##T(const T* dOut, float* parts, int rows, int C, int P, int each) { sumRows(dOut, parts, rows, C, P, each); }
TYPES(ELEMENTWISE)
KERNEL(256) add_f32_bf16(const f32* a, const bf16* b, f32* out, u64 n) { add(a, b, out, n); }
KERNEL(128) dropoutRows_f32_bf16(const f32* x, bf16* out, BY_VALUE Dropout dropout, int rows, int C, int each) { dropoutRows(x, out, dropout, rows, C, each); }
KERNEL(128) scaleRows_f32_bf16(const f32* x, const float* factors, bf16* out, int rows, int C, int G, int each) {
    scaleRows(x, factors, out, rows, C, G, each);
}
KERNEL(256) sinCos_(const float* angles, float* sin, float* cos, u64 n) { sinCos(angles, sin, cos, n); }
KERNEL(256) convert_f32_bf16(const f32* from, bf16* to, u64 n) { convert(from, to, n); }
KERNEL(256) convert_bf16_f32(const bf16* from, f32* to, u64 n) { convert(from, to, n); }

#define GELU(T, FORM, EXACT)                                                                                             \
    KERNEL(256) gelu##FORM##_##T(const T* x, T* out, u64 n) { gelu<T, EXACT>(x, out, n); }                               \
    KERNEL(256) geluBackward##FORM##_##T(const T* x, const T* dOut, T* dX, u64 n) { geluBackward<T, EXACT>(x, dOut, dX, n); } \
    KERNEL(128) biasGelu##FORM##_##T(T* pre, const float* bias, T* out, int rows, int C, int each) { biasGelu<T, EXACT>(pre, bias, out, rows, C, each); } \
    KERNEL(128) biasGeluBackward##FORM##_##T(const T* dOut, const T* pre, T* dPre, float* parts, int rows, int C, int each) { \
        biasGeluBackward<T, EXACT>(dOut, pre, dPre, parts, rows, C, each);                                               \
    }
#define GELUS(T) GELU(T, Tanh, false) GELU(T, Exact, true)
TYPES(GELUS)

KERNEL(256) foldColumns_(const float* parts, int count, int stride, float* target, int C) { foldColumns(parts, count, stride, target, C); }
// Of the table and of the rows.
#define TABLES(TABLE, T, SUFFIX)                                                                                         \
    KERNEL(128) addRows##SUFFIX(const T* x, const TABLE* table, T* out, int rows, int C, int P, int each) { addRows(x, table, out, rows, C, P, each); } \
    KERNEL(256) gather##SUFFIX(const int* ids, const TABLE* table, BY_VALUE Dropout dropout, int accumulate, T* out, int C) { \
        gather(ids, table, dropout, accumulate, out, C);                                                                 \
    }                                                                                                                    \
    KERNEL(256) scatterAdd##SUFFIX(BY_VALUE Pieces pieces, const int* rows, const T* dOut, BY_VALUE Dropout dropout, TABLE* dTable, float* partial, int C) { \
        scatterAdd(pieces, rows, dOut, dropout, dTable, partial, C);                                                     \
    }
TABLES(f32, f32, _f32) TABLES(f32, bf16, _f32_bf16) TABLES(bf16, bf16, _bf16)
#define SCATTER_FOLD(T) \
    KERNEL(256) scatterAddFold_##T(BY_VALUE Splits splits, const float* partial, T* dTable, int C) { scatterAddFold(splits, partial, dTable, C); }
TYPES(SCATTER_FOLD)

// ---------------------------------------------------------------- position vectors and heads

#define HEADS(T)                                                                                                         \
    KERNEL(256) rotary_##T(BY_VALUE HeadsOf<T> x, int rows, int H, int D, const float* sin, const float* cos, int P, int perHead, int inverse, BY_VALUE HeadsTo<T> out) { \
        rotary(x, rows, H, D, sin, cos, P, perHead, inverse, out);                                                       \
    }                                                                                                                    \
    KERNEL(256) multiplyHeads_##T(BY_VALUE HeadsOf<T> x, int rows, int H, int D, BY_VALUE HeadsOf<T> pe, int P, BY_VALUE HeadsTo<T> out) { \
        combineHeads<T, true>(x, rows, H, D, pe, P, out);                                                                \
    }                                                                                                                    \
    KERNEL(256) addHeads_##T(BY_VALUE HeadsOf<T> x, int rows, int H, int D, BY_VALUE HeadsOf<T> pe, int P, BY_VALUE HeadsTo<T> out) { \
        combineHeads<T, false>(x, rows, H, D, pe, P, out);                                                               \
    }                                                                                                                    \
    KERNEL(256) sumHeadProducts_##T(BY_VALUE HeadsOf<T> dOut, BY_VALUE HeadsOf<T> x, int rows, int H, int D, int P, int each, float* parts) { \
        sumHeads<T, true>(dOut, x, rows, H, D, P, each, parts);                                                          \
    }                                                                                                                    \
    KERNEL(256) sumHeads_##T(BY_VALUE HeadsOf<T> dOut, int rows, int H, int D, int P, int each, float* parts) {           \
        sumHeads<T, false>(dOut, dOut, rows, H, D, P, each, parts);                                                      \
    }
TYPES(HEADS)

#define COPY_HEADS(X, T, SUFFIX)                                                                                          \
    KERNEL(256) copyHeads_##SUFFIX(BY_VALUE HeadsOf<X> x, int rows, int H, int D, BY_VALUE HeadsTo<T> out) { copyHeads(x, rows, H, D, out); }
COPY_HEADS(f32, f32, f32)
COPY_HEADS(bf16, bf16, bf16)
COPY_HEADS(f32, bf16, f32_bf16)
COPY_HEADS(bf16, f32, bf16_f32)

#define CACHED(T) \
    KERNEL(256) cachedAttention_##T(BY_VALUE CachedArgumentsOf<T> a, int D, int P) { cachedAttention(a, D, P); }
TYPES(CACHED)

// ---------------------------------------------------------------- losses: crossEntropy_THREADS, then _shared or _twice (how the row is read)

#define LOSS(T, THREADS, BLOCKS, IN_SHARED, SUFFIX)                                                                      \
    KERNEL(THREADS, BLOCKS) crossEntropy_##THREADS##SUFFIX##_##T(T* logits, int pitch, const int* labels, float scale, float smoothing, int gradient, \
                                                                 float factor, float* loss, int V) {                     \
        crossEntropy<T, THREADS, IN_SHARED>(logits, pitch, labels, scale, smoothing, gradient, factor, loss, V);         \
    }
#define LOSSES(T)                                                                                                        \
    LOSS(T, 32, 32, false, _twice) LOSS(T, 256, 8, false, _twice) LOSS(T, 512, 4, false, _twice) LOSS(T, 1024, 2, false, _twice) \
    KERNEL(256) divergence_kl_##T(T* teacher, T* student, float scale, float beta, float factor, float* loss, int rows, int K) { \
        divergence<T, true>(teacher, student, scale, beta, factor, loss, rows, K);                                       \
    }                                                                                                                    \
    KERNEL(256) divergence_squares_##T(T* teacher, T* student, float scale, float beta, float factor, float* loss, int rows, int K) { \
        divergence<T, false>(teacher, student, scale, beta, factor, loss, rows, K);                                      \
    }
TYPES(LOSSES)
LOSS(bf16, 256, 2, true, _shared) LOSS(bf16, 512, 2, true, _shared) LOSS(bf16, 1024, 2, true, _shared)

// ---------------------------------------------------------------- sums and optimizer

KERNEL(256) sum_(const float* x, u64 n, double* parts) { sumOf<false>(x, n, parts); }
KERNEL(256) sumOfSquares_(const float* x, u64 n, double* parts) { sumOf<true>(x, n, parts); }
KERNEL(256) clipCoefficient_(const double* parts, int count, float scale, float limit, double* sum, float* clip) {
    clipCoefficient(parts, count, scale, limit, sum, clip);
}
KERNEL(256) adam_(float* gradient, float* m, float* v, u64 n, BY_VALUE AdamRates rates) { adam(gradient, m, v, n, rates); }
KERNEL(256) adamW_(float* p, bf16* shadow, const float* g, float* m, float* v, u64 n, BY_VALUE AdamRates rates, const float* clip, const u64* ends,
                   const float* decay, int regions) {
    adamW(p, shadow, g, m, v, n, rates, clip, ends, decay, regions);
}
