// Attention over lists, forward and backward, against double-precision loops.
#include "cases.h"
#include "plan.h"
#include "list_attention_any.cuh"

// The uses of all lists in the order of a plan.
inline Buffer<ListUse> usesOf(const Plan& plan, Buffer<int>& queries, Buffer<int>& keys, int slots) {
    Buffer<ListUse> uses(std::max<size_t>(1, plan.order.size()));
    for (size_t i = 0; i < plan.order.size(); i++) {
        const int entry = plan.order[i], e = entry / slots;
        uses[i] = ListUse{entry, e, queries[e], keys[entry]};
    }
    return uses;
}

// The kernels for heads of width D in bfloat16.
template <int D, int BATCH> struct FixedWidth {
    typedef bf16 T;
    static constexpr const char* NAME = "";
    static constexpr int PAD = 0;
    static dim3 grid(const ListArguments& a) { return gridOf(ceilDivide((size_t)a.rows * a.heads * D / 8, 128)); }
    static void forward(const ListArguments& a, int) {
        if (a.slots <= 8) {
            LAUNCH(128, grid(a), dim3(128), 0, (listAttentionForward<D, 8>(a)));
        } else {
            LAUNCH(128, grid(a), dim3(128), 0, (listAttentionForward<D, 16>(a)));
        }
    }
    static void logits(const ListArguments& a, const ListGradients& g, int) {
        if (a.slots <= 8) {
            LAUNCH(128, grid(a), dim3(128), 0, (listAttentionLogits<D, 8>(a, g)));
        } else {
            LAUNCH(128, grid(a), dim3(128), 0, (listAttentionLogits<D, 16>(a, g)));
        }
    }
    static void keys(const ListArguments& a, const ListGradients& g, const Pieces& pieces, const ListUse* uses, int) {
        LAUNCH(1024, gridOf(pieces.count), dim3(wholeWarps(a.heads * D / 8)), 0, (listAttentionKeys<D, BATCH>(a, g, pieces, uses)));
    }
    static void queries(const ListArguments& a, const ListGradients& g, const Pieces& pieces, const ListUse* uses, int) {
        LAUNCH(1024, gridOf(pieces.count), dim3(wholeWarps(a.heads * D / 8)), 0, (listAttentionQueries<D, BATCH>(a, g, pieces, uses)));
    }
};
// The kernels for any width.
template <class Type> struct AnyWidth {
    typedef Type T;
    static constexpr const char* NAME = sizeof(T) == 2 ? " any bf16" : " any f32";
    static constexpr int PAD = 3;
    static dim3 grid(const ListArgumentsOf<T>& a) { return gridOf(ceilDivide((size_t)a.rows * a.heads, 4)); }
    static void forward(const ListArgumentsOf<T>& a, int D) { LAUNCH(128, grid(a), dim3(128), 0, listAttentionForwardAny(a, D)); }
    static void logits(const ListArgumentsOf<T>& a, const ListGradientsOf<T>& g, int D) { LAUNCH(128, grid(a), dim3(128), 0, listAttentionLogitsAny(a, g, D)); }
    static void keys(const ListArgumentsOf<T>& a, const ListGradientsOf<T>& g, const Pieces& pieces, const ListUse* uses, int D) {
        LAUNCH(1024, gridOf(pieces.count), dim3(64), 0, (listAttentionGatherAny<T, true>(a, g, pieces, uses, D)));
    }
    static void queries(const ListArgumentsOf<T>& a, const ListGradientsOf<T>& g, const Pieces& pieces, const ListUse* uses, int D) {
        LAUNCH(1024, gridOf(pieces.count), dim3(64), 0, (listAttentionGatherAny<T, false>(a, g, pieces, uses, D)));
    }
};

template <class Launch>
void runListBackward(const ListArgumentsOf<typename Launch::T>& a, const ListGradientsOf<typename Launch::T>& g, int D, Plan& keyPlan, Buffer<ListUse> keyUses,
                     Plan& queryPlan, Buffer<ListUse> queryUses, float* queryPartial) {
    ListGradientsOf<typename Launch::T> q = g;
    q.partial = queryPartial;
    Launch::logits(a, g, D);
    auto buffersOf = [](Plan& plan, Pieces& pieces, Splits& splits) {
        pieces = {Buffer<int>(plan.start).data(), Buffer<int>(plan.target).data(), (int)plan.target.size(), 0};
        splits = {Buffer<int>(plan.splitStart).data(), nullptr, (int)plan.splitTarget.size(), 0};
        if (splits.count) {
            splits.target = Buffer<int>(plan.splitTarget).data();
        }
    };
    Pieces keyPieces, queryPieces;
    Splits keySplits, querySplits;
    buffersOf(keyPlan, keyPieces, keySplits);
    buffersOf(queryPlan, queryPieces, querySplits);
    Launch::keys(a, g, keyPieces, keyUses.data(), D);
    Launch::queries(a, q, queryPieces, queryUses.data(), D);
    const size_t columns = ceilDivide((size_t)a.heads * D, 32);
    if (keySplits.count) {
        LAUNCH(256, gridOf(keySplits.count, columns, 2), dim3(32, 8), 1024, listAttentionFold(keySplits, g.partial, g.keyPartials, a.heads, D, g.dKey, g.dValue));
    }
    if (querySplits.count) {
        LAUNCH(256, gridOf(querySplits.count, columns), dim3(32, 8), 1024, listAttentionFold(querySplits, q.partial, 0, a.heads, D, g.dQuery, g.dQuery));
    }
}

template <class Launch> void testList(int D, int rows, int sources, int H, int slots, float rate, int longest) {
    typedef typename Launch::T T;
    const std::string name = format("list attention%s D%d rows %d sources %d H%d slots %d pieces of %d%s", Launch::NAME, D, rows, sources, H, slots, longest, rate > 0 ? " drop" : "");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const int C = H * D, stride = 3 * C + Launch::PAD;
    const float scale = 1 / std::sqrt((float)D);
    Buffer<T> qkv((size_t)sources * stride), out((size_t)rows * C), dOut((size_t)rows * C), dQkv((size_t)sources * stride);
    fillNormal(qkv);
    fillNormal(dOut);
    Floats weights((size_t)rows * H * slots);
    Buffer<float2> entries((size_t)rows * H * slots);
    Buffer<int> queries(rows), keys((size_t)rows * slots);
    std::vector<int> keyOf(keys.n, -1), askingOf(keys.n, -1);
    for (int e = 0; e < rows; e++) {
        queries[e] = below(4) ? below(sources) : 1 % sources;
        const int length = 1 + below(slots);
        for (int s = 0; s < slots; s++) {
            // Every list begins with row 0, as positions begin with the same digits. What stands behind a -1 does not count.
            keys[e * slots + s] = s < length ? (s == 0 ? 0 : below(sources)) : s == length ? -1 : 0;
            if (s < length) {
                keyOf[e * slots + s] = keys[e * slots + s];
                askingOf[e * slots + s] = queries[e];
            }
        }
    }
    Plan keyPlan(keyOf, sources, longest, true), queryPlan(askingOf, sources, longest, true);
    const Buffer<ListUse> keyUses = usesOf(keyPlan, queries, keys, slots), queryUses = usesOf(queryPlan, queries, keys, slots);
    Floats keyPartial((size_t)2 * keyPlan.partials * C), queryPartial((size_t)queryPlan.partials * C);
    const Dropout dropout = dropoutOf(rate, 99);
    auto part = [&](int k) { return HeadsOf<T>{qkv.data() + k * C, stride, D}; };
    auto dPart = [&](int k) { return HeadsTo<T>{dQkv.data() + k * C, stride, D}; };
    const ListArgumentsOf<T> a{part(0), part(1), part(2), {out.data(), C, D}, queries.data(), keys.data(), weights.data(), rows, sources, H, slots, scale, dropout};
    const ListGradientsOf<T> g{{dOut.data(), C, D}, dPart(0), dPart(1), dPart(2), entries.data(), keyPartial.data(), keyPlan.partials, 0};
    Launch::forward(a, D);
    auto backward = [&] { runListBackward<Launch>(a, g, D, keyPlan, keyUses, queryPlan, queryUses, queryPartial.data()); };
    backward();

    Doubles rOut((size_t)rows * C), rWeights((size_t)rows * H * slots), rGradient[3];
    for (auto& gradient : rGradient) {
        gradient.assign((size_t)sources * C, 0);
    }
    auto at = [&](int k, int row, int h, int d) { return valueOf(qkv[(size_t)row * stride + k * C + h * D + d]); };
    for (int e = 0; e < rows; e++) {
        for (int h = 0; h < H; h++) {
            const int* list = &keys[e * slots];
            const size_t line = (size_t)e * H + h, base = (size_t)e * C + h * D;
            Doubles w, dW;
            double top = -1e300, sum = 0, inner = 0;
            for (int s = 0; s < slots && list[s] >= 0; s++) {
                double x = 0;
                for (int d = 0; d < D; d++) {
                    x += at(0, queries[e], h, d) * at(1, list[s], h, d);
                }
                w.push_back(x * scale);
                top = std::max(top, w[s]);
            }
            for (double& x : w) {
                sum += x = std::exp(x - top);
            }
            for (size_t s = 0; s < w.size(); s++) {
                w[s] /= sum;
                rWeights[line * slots + s] = w[s];
                const double mask = maskOf(dropout, line, (int)s);
                double x = 0;
                for (int d = 0; d < D; d++) {
                    rOut[base + d] += w[s] * mask * at(2, list[s], h, d);
                    x += valueOf(dOut[base + d]) * at(2, list[s], h, d);
                    rGradient[2][(size_t)list[s] * C + h * D + d] += w[s] * mask * valueOf(dOut[base + d]);
                }
                dW.push_back(mask * x);
                inner += w[s] * mask * x;
            }
            for (size_t s = 0; s < w.size(); s++) {
                const double dLogit = scale * w[s] * (dW[s] - inner);
                for (int d = 0; d < D; d++) {
                    rGradient[0][(size_t)queries[e] * C + h * D + d] += dLogit * at(1, list[s], h, d);
                    rGradient[1][(size_t)list[s] * C + h * D + d] += dLogit * at(0, queries[e], h, d);
                }
            }
        }
    }
    const double limit = sizeof(T) == 2 ? 3e-3 : 1e-5;
    test.whole("out", rOut, out, limit);
    test.whole("weights", rWeights, weights, 1e-5);
    const char* names[3] = {"dQuery", "dKey", "dValue"};
    for (int k = 0; k < 3; k++) {
        test.compare(names[k], rGradient[k], [&](size_t i) { return valueOf(dQkv[i / C * stride + k * C + i % C]); }, limit);
    }
    test.expect(dQkv.isIntact() && entries.isIntact() && keyPartial.isIntact() && queryPartial.isIntact(), "WRITTEN OUT OF BOUNDS");
    const std::vector<T> before(dQkv.data(), dQkv.data() + dQkv.n);
    backward();
    test.expect(!memcmp(before.data(), dQkv.data(), dQkv.n * sizeof(T)), "NOT REPEATABLE");
}

static Family family("list attention", [] {
    testList<FixedWidth<64, 4>>(64, 300, 90, 12, 8, 0.1f, 16);
    testList<FixedWidth<64, 2>>(64, 37, 50, 4, 5, 0, 3);
    testList<FixedWidth<64, 4>>(64, 1, 1, 1, 1, 0, 4);
    testList<FixedWidth<32, 4>>(32, 101, 30, 4, 16, 0.2f, 7);
    testList<FixedWidth<128, 4>>(128, 61, 20, 2, 8, 0.1f, 1000);
    testList<AnyWidth<float>>(64, 120, 40, 3, 8, 0.1f, 16);
    testList<AnyWidth<float>>(5, 37, 50, 2, 40, 0, 3);
    testList<AnyWidth<float>>(1, 1, 1, 1, 1, 0, 4);
    testList<AnyWidth<float>>(80, 41, 30, 2, 7, 0.2f, 7);
    testList<AnyWidth<bf16>>(96, 31, 20, 2, 8, 0.1f, 1000);
    testList<AnyWidth<bf16>>(250, 9, 5, 1, 3, 0, 2);
});
