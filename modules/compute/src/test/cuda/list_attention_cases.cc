// Attention over lists, forward and backward, against double-precision loops.
#include "cases.h"
#include "plan.h"
#include "list_attention.cuh"

// The uses of all lists in the order of a plan.
inline Buffer<ListUse> usesOf(const Plan& plan, Buffer<int>& queries, Buffer<int>& keys, int slots) {
    Buffer<ListUse> uses(std::max<size_t>(1, plan.order.size()));
    for (size_t i = 0; i < plan.order.size(); i++) {
        const int entry = plan.order[i], e = entry / slots;
        uses[i] = ListUse{entry, e, queries[e], keys[entry]};
    }
    return uses;
}

template <int D, int BATCH> void runListBackward(const ListArguments& arguments, const ListGradients& gradients, Plan& keyPlan, Buffer<ListUse> keyUses,
                                                 Plan& queryPlan, Buffer<ListUse> queryUses, float* queryPartial) {
    const ListArguments a = arguments;  // copies that kernels capture
    const ListGradients g = gradients;
    ListGradients q = gradients;
    q.partial = queryPartial;
    const dim3 grid = gridOf(ceilDivide((size_t)a.rows * a.heads * D / 8, 128));
    if (a.slots <= 8) {
        LAUNCH(128, grid, dim3(128), 0, (listAttentionLogits<D, 8>(a, g)));
    } else {
        LAUNCH(128, grid, dim3(128), 0, (listAttentionLogits<D, 16>(a, g)));
    }
    const dim3 block(wholeWarps(a.heads * D / 8));
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
    LAUNCH(1024, gridOf(keyPieces.count), block, 0, (listAttentionKeys<D, BATCH>(a, g, keyPieces, keyUses.data())));
    LAUNCH(1024, gridOf(queryPieces.count), block, 0, (listAttentionQueries<D, BATCH>(a, q, queryPieces, queryUses.data())));
    const size_t columns = ceilDivide((size_t)a.heads * D, 256);
    if (keySplits.count) {
        LAUNCH(256, gridOf(keySplits.count, columns, 2), dim3(32, 8), 8192, listAttentionFold(keySplits, g.partial, g.keyPartials, a.heads, D, g.dKey, g.dValue));
    }
    if (querySplits.count) {
        LAUNCH(256, gridOf(querySplits.count, columns), dim3(32, 8), 8192, listAttentionFold(querySplits, q.partial, 0, a.heads, D, g.dQuery, g.dQuery));
    }
}

template <int D, int BATCH> void testList(int rows, int sources, int H, int slots, float rate, int longest) {
    const std::string name = format("list attention D%d rows %d sources %d H%d slots %d pieces of %d%s", D, rows, sources, H, slots, longest, rate > 0 ? " drop" : "");
    if (!Case::isWanted(name)) {
        return;
    }
    Case test(name);
    const int C = H * D, stride = 3 * C;
    const float scale = 1 / std::sqrt((float)D);
    Halves qkv((size_t)sources * stride), out((size_t)rows * C), dOut((size_t)rows * C), dQkv((size_t)sources * stride);
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
    auto part = [&](int k) { return Heads{qkv.data() + k * C, stride, D}; };
    auto dPart = [&](int k) { return HeadsOut{dQkv.data() + k * C, stride, D}; };
    const ListArguments a{part(0), part(1), part(2), {out.data(), C, D}, queries.data(), keys.data(), weights.data(), rows, sources, H, slots, scale, dropout};
    const ListGradients g{{dOut.data(), C, D}, dPart(0), dPart(1), dPart(2), entries.data(), keyPartial.data(), keyPlan.partials, 0};
    const dim3 grid = gridOf(ceilDivide((size_t)rows * H * D / 8, 128));
    if (slots <= 8) {
        LAUNCH(128, grid, dim3(128), 0, (listAttentionForward<D, 8>(a)));
    } else {
        LAUNCH(128, grid, dim3(128), 0, (listAttentionForward<D, 16>(a)));
    }
    auto backward = [&] { runListBackward<D, BATCH>(a, g, keyPlan, keyUses, queryPlan, queryUses, queryPartial.data()); };
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
    test.whole("out", rOut, out, 3e-3);
    test.whole("weights", rWeights, weights, 1e-5);
    const char* names[3] = {"dQuery", "dKey", "dValue"};
    for (int k = 0; k < 3; k++) {
        test.compare(names[k], rGradient[k], [&](size_t i) { return valueOf(dQkv[i / C * stride + k * C + i % C]); }, 3e-3);
    }
    test.expect(dQkv.isIntact() && entries.isIntact() && keyPartial.isIntact() && queryPartial.isIntact(), "WRITTEN OUT OF BOUNDS");
    const std::vector<bf16> before(dQkv.data(), dQkv.data() + dQkv.n);
    backward();
    test.expect(!memcmp(before.data(), dQkv.data(), dQkv.n * 2), "NOT REPEATABLE");
}

static Family family("list attention", [] {
    testList<64, 4>(300, 90, 12, 8, 0.1f, 16);
    testList<64, 2>(37, 50, 4, 5, 0, 3);
    testList<64, 4>(1, 1, 1, 1, 0, 4);
    testList<32, 4>(101, 30, 4, 16, 0.2f, 7);
    testList<128, 4>(61, 20, 2, 8, 0.1f, 1000);
});
