// Attention on tensor cores.
#include "attention_case.h"

template <int D, int P, int TILES, bool DROP, int KEYS> void runForward(const AttentionArguments& a) {
    LAUNCH(128, gridOf(ceilDivide(a.length, 64 * TILES), a.heads, a.batch), dim3(128), (attentionForwardBytes<D, P, KEYS>()),
           (attentionForward<D, P, TILES, DROP, KEYS>(a)));
}
template <int D, int P, bool DROP, int PIECE> void runBackward(const AttentionArguments& a, const AttentionGradients& d) {
    LAUNCH(128, gridOf(ceilDivide((size_t)a.batch * a.length * a.heads * DELTA_LANES<D>, 128)), dim3(128), 0, attentionDelta<D>(a, d));
    const dim3 grid = gridOf(ceilDivide(a.length, 64), a.heads, a.batch / d.samples);
    LAUNCH(128, grid, dim3(128), (BackwardShape<D, P, PIECE>::BYTES), (attentionBackward<D, P, DROP, true, PIECE>(a, d)));
    LAUNCH(128, grid, dim3(128), (BackwardShape<D, P, PIECE>::BYTES), (attentionBackward<D, P, DROP, false, PIECE>(a, d)));
}

// The second variant: two row tiles and pieces of 64 columns for narrow heads, and the smaller tiles for the widest.
template <int D, int P> struct TensorCores {
    typedef bf16 T;
    static constexpr const char* NAME = "";
    static constexpr bool NARROW = D <= 64, WIDEST = D + P == 256;
    static constexpr int PAD = 8, VARIANTS = NARROW || WIDEST ? 2 : 1, TALL = NARROW ? 2 : 1, KEYS = WIDEST ? 32 : 64, PIECE = WIDEST ? 16 : D == 64 ? 64 : 32;
    static void forward(const AttentionArguments& a, int, int, int variant) {
        if (a.dropout.threshold) {
            variant ? runForward<D, P, TALL, true, KEYS>(a) : runForward<D, P, 1, true, 64>(a);
        } else {
            variant ? runForward<D, P, TALL, false, KEYS>(a) : runForward<D, P, 1, false, 64>(a);
        }
    }
    static void backward(const AttentionArguments& a, const AttentionGradients& d, int, int, int variant) {
        if (a.dropout.threshold) {
            variant ? runBackward<D, P, true, PIECE>(a, d) : runBackward<D, P, true, 32>(a, d);
        } else {
            variant ? runBackward<D, P, false, PIECE>(a, d) : runBackward<D, P, false, 32>(a, d);
        }
    }
};

// EVERY_CASE: all flags at all lengths. Otherwise each length meets a part of them, so that each flag meets each width.
template <int D, int P> void testWidth() {
#ifdef EVERY_CASE
    constexpr bool EVERY = true;
#else
    constexpr bool EVERY = false;
#endif
    int index = 0;
    for (int T : {1, 7, 64, 150}) {
        for (int flags = 0; flags < 8; flags++, index++) {
            AttentionCase c{2, T, 2, 0, flags & 1, flags >> 1 & 1, 0, 1, flags & 4 ? 0.15f : 0.f};
            if (P) {
                c.B = 4;
                c.Bp = flags & 1 ? 1 : 2;
                c.samples = flags & 4 ? 2 : c.Bp == 1 && (flags & 2) ? 4 : 1;
                c.sharedHeads = flags == 3 || flags == 4;
            }
            const bool kept = T == 7 || (T == 1 && flags % 4 == 1) || (T == 64 && (flags == 0 || flags == 5)) || (T == 150 && (flags == 1 || flags == 4 || (D == 64 && flags == 7)));
            if (EVERY || kept) {
                testAttention<TensorCores<D, P>>(c, D, P);
            }
        }
    }
    if (EVERY || (D == 64 && P == 0)) {
        testAttention<TensorCores<D, P>>({2, 513, 1, P ? 1 : 0, 1, 1, 0, P ? 2 : 1, 0.1f}, D, P);
    }
    if (EVERY) {
        testAttention<TensorCores<D, P>>({2, 513, 1, P ? 1 : 0, 0, 0, 0, P ? 2 : 1, 0}, D, P);
    }
}

static Family family("attention", [] {
    testWidth<64, 0>();
    testWidth<64, 64>();
#ifndef FAULTS  // planted faults are looked for at one width
    testWidth<32, 0>();
    testWidth<32, 32>();
    testWidth<80, 0>();
    testWidth<80, 80>();
    testWidth<96, 0>();
    testWidth<96, 96>();
    testWidth<128, 0>();
    testWidth<128, 128>();
#endif
});
