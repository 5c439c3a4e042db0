package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireFloat32;
import static org.seqpe.compute.cuda.kernel.KernelNames.requireSame;
import static org.seqpe.compute.cuda.kernel.KernelNames.type;

import java.util.Set;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Ints;
import org.seqpe.compute.ListAttention;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaInts;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.Launch;
import org.seqpe.core.UserException;

/**
 * Attention over lists and its backward pass: list_attention.cuh for bfloat16, usual widths and up to 16 slots, and
 * list_attention_any.cuh for everything else.
 */
public final class ListAttentionKernels {
    private static final Set<Integer> WIDTHS = Set.of(32, 64, 128);
    private static final int FEW_SLOTS = 8;
    private static final int MOST_SLOTS = 16;
    private static final int WIDEST = 256;
    private static final int ROWS_OF_BLOCK = 8;
    private static final int MOST_THREADS = 1024;
    /** Uses of one source that a block adds. */
    private static final int PIECE = 64;
    /** Integers of a ListUse. */
    private static final int USE = 4;

    private static final int STRUCT = 8;
    private static final int FOLD_X = 32;
    private static final int FOLD_Y = 8;
    private static final int FOLD_BYTES = 1024;

    private final CudaRuntime runtime;

    /** What the two plans of a batch of lists depend on, beside the keys themselves. */
    private record PlanKey(int rows, int sources, int slots, Ints queries, long uploads) {}

    /** The uses of all lists, by key and by asking row. */
    private record Plans(UsePlan keys, UsePlan queries) {}

    public ListAttentionKernels(CudaRuntime runtime) {
        this.runtime = runtime;
    }

    /** @throws UserException if heads are wider than 256 */
    public void forward(ListAttention spec, Ints queries, Ints keys, AttentionHeads in, Heads out, Tensor weights) {
        requireOperands("listAttention", spec, in, out, weights);
        if (spec.rows() == 0) {
            return;
        }
        boolean fixed = isFixed(spec, in, out);
        String kernel = fixed
                ? "listAttentionForward_" + spec.width() + slots(spec)
                : "listAttentionForward_any_" + type(out.tensor());
        Launch launch = putArguments(runtime.kernel(kernel), spec, queries, keys, in, out, weights);
        runOverRows(fixed ? launch : launch.number(spec.width()), spec, fixed);
    }

    private static String slots(ListAttention spec) {
        return spec.slots() <= FEW_SLOTS ? "_s8" : "_s16";
    }

    private static void runOverRows(Launch launch, ListAttention spec, boolean fixed) {
        long places = (long) spec.rows() * spec.heads();
        long blocks = fixed
                ? Grids.ceil(places * spec.width() / Grids.VECTOR, Grids.THREADS)
                : Grids.ceil(places, ROWS_OF_BLOCK);
        launch.run(blocks, Grids.THREADS, 0);
    }

    /** @throws UserException if heads are wider than 256 */
    public void backward(
            ListAttention spec,
            Ints queries,
            Ints keys,
            AttentionHeads in,
            Tensor weights,
            Heads dOut,
            AttentionHeads gradients) {
        requireOperands("listAttentionBackward", spec, in, dOut, weights);
        requireSame(
                "listAttentionBackward",
                dOut.tensor(),
                gradients.query().tensor(),
                gradients.key().tensor(),
                gradients.value().tensor());
        if (spec.sources() == 0) {
            return;
        }
        new Backward(spec, queries, keys, in, weights, dOut, gradients).run();
    }

    /** One backward pass: its plans, its working memory, and its kernels. */
    private final class Backward {
        private final ListAttention spec;
        private final Ints queries;
        private final Ints keys;
        private final AttentionHeads in;
        private final Tensor weights;
        private final Heads dOut;
        private final AttentionHeads gradients;
        private final boolean fixed;
        private final Plans plans;
        private final int channels;
        private final long entries;
        private final long keyPartial;
        private final long queryPartial;

        Backward(
                ListAttention spec,
                Ints queries,
                Ints keys,
                AttentionHeads in,
                Tensor weights,
                Heads dOut,
                AttentionHeads gradients) {
            this.spec = spec;
            this.queries = queries;
            this.keys = keys;
            this.in = in;
            this.weights = weights;
            this.dOut = dOut;
            this.gradients = gradients;
            fixed = isFixed(spec, in, dOut) && TensorCoreShapes.fits(dOut, gradients);
            plans = plans(spec, CudaInts.of(queries), CudaInts.of(keys));
            channels = spec.heads() * spec.width();
            long pairs = (long) spec.rows() * spec.slots() * spec.heads();
            long entryBytes = Grids.alignedBytes(2 * pairs);
            long keyBytes = Grids.alignedBytes(2L * plans.keys().partials() * channels);
            entries = runtime.scratch(entryBytes
                    + keyBytes
                    + Grids.alignedBytes((long) plans.queries().partials() * channels));
            keyPartial = entries + entryBytes;
            queryPartial = keyPartial + keyBytes;
        }

        void run() {
            String any = "_any_" + type(dOut.tensor());
            if (spec.rows() > 0) {
                Launch launch =
                        put("listAttentionLogits" + (fixed ? "_" + spec.width() + slots(spec) : any), keyPartial);
                runOverRows(fixed ? launch : launch.number(spec.width()), spec, fixed);
            }
            gather("listAttentionKeys", any, plans.keys(), keyPartial);
            gather("listAttentionQueries", any, plans.queries(), queryPartial);
            fold(plans.keys(), keyPartial, gradients.key(), gradients.value(), 2);
            fold(plans.queries(), queryPartial, gradients.query(), gradients.query(), 1);
        }

        private Launch put(String kernel, long partial) {
            // The forward pass's output has no part in this; dOut has its shape.
            Launch launch = putArguments(runtime.kernel(kernel), spec, queries, keys, in, dOut, weights);
            putHeads(launch, dOut);
            putHeads(launch, gradients.query());
            putHeads(launch, gradients.key());
            putHeads(launch, gradients.value());
            return launch.address(entries)
                    .address(partial)
                    .number(plans.keys().partials())
                    .number(0);
        }

        private void gather(String kernel, String any, UsePlan plan, long partial) {
            Launch launch = plan.putPieces(put(kernel + (fixed ? "_" + spec.width() + "_b4" : any), partial))
                    .address(plan.entries());
            int threads = Grids.warps(fixed ? channels / Grids.VECTOR : channels);
            (fixed ? launch : launch.number(spec.width())).run(plan.pieces(), Math.min(threads, MOST_THREADS), 0);
        }

        private void fold(UsePlan plan, long partial, Heads first, Heads second, int parts) {
            Launch launch = plan.putSplits(runtime.kernel("listAttentionFold_" + type(first.tensor())))
                    .address(partial)
                    .number(plan.partials())
                    .number(spec.heads())
                    .number(spec.width());
            putHeads(launch, first);
            putHeads(launch, second);
            launch.run(plan.splits(), Grids.ceil(channels, FOLD_X), parts, FOLD_X, FOLD_Y, FOLD_BYTES);
        }
    }

    private Plans plans(ListAttention spec, CudaInts queries, CudaInts keys) {
        return keys.plan(new PlanKey(spec.rows(), spec.sources(), spec.slots(), queries, queries.uploads()), last -> {
            Plans plans = last == null
                    ? new Plans(new UsePlan(runtime, PIECE, true), new UsePlan(runtime, PIECE, true))
                    : last;
            make(plans, spec, queries, keys);
            return plans;
        });
    }

    private static void make(Plans plans, ListAttention spec, CudaInts queries, CudaInts keys) {
        int slots = spec.slots();
        int count = spec.rows() * slots;
        int[] keyOf = new int[count];
        int[] askingOf = new int[count];
        for (int row = 0; row < spec.rows(); row++) {
            boolean ended = false;
            for (int slot = 0; slot < slots; slot++) {
                int entry = row * slots + slot;
                int key = keys.get(entry);
                // What stands behind the end of a list does not count.
                ended |= key < 0;
                keyOf[entry] = ended ? -1 : key;
                askingOf[entry] = ended ? -1 : queries.get(row);
            }
        }
        UsePlan.Entry use = (lists, at, entry) -> {
            lists[at] = entry;
            lists[at + 1] = entry / slots;
            lists[at + 2] = askingOf[entry];
            lists[at + 3] = keyOf[entry];
        };
        plans.keys().make(keyOf, 0, count, spec.sources(), USE, use);
        plans.queries().make(askingOf, 0, count, spec.sources(), USE, use);
    }

    private static boolean isFixed(ListAttention spec, AttentionHeads in, Heads out) {
        return out.tensor().precision() == Precision.BFLOAT16
                && WIDTHS.contains(spec.width())
                && spec.slots() <= MOST_SLOTS
                && spec.heads() * spec.width() / Grids.VECTOR <= MOST_THREADS
                && TensorCoreShapes.fits(out, in);
    }

    private static void requireOperands(
            String kernel, ListAttention spec, AttentionHeads in, Heads out, Tensor weights) {
        requireSame(
                kernel,
                out.tensor(),
                in.query().tensor(),
                in.key().tensor(),
                in.value().tensor());
        requireFloat32(kernel, weights);
        if (spec.width() > WIDEST) {
            throw new UserException("Cannot attend over lists on a GPU with heads of " + spec.width()
                    + " elements: expected at most " + WIDEST + ". Give the position encoder more heads.");
        }
    }

    private void putHeads(Launch launch, Heads heads) {
        HeadKernels.put(runtime, launch, heads);
    }

    /** Puts a struct ListArguments. */
    private Launch putArguments(
            Launch launch, ListAttention spec, Ints queries, Ints keys, AttentionHeads in, Heads out, Tensor weights) {
        putHeads(launch, in.query());
        putHeads(launch, in.key());
        putHeads(launch, in.value());
        putHeads(launch, out);
        return launch.address(runtime.address(queries))
                .address(runtime.address(keys))
                .address(runtime.addressOrNull(weights))
                .number(spec.rows())
                .number(spec.sources())
                .number(spec.heads())
                .number(spec.slots())
                .real(spec.scale())
                .dropout(spec.dropout(), spec.dropoutKey())
                .align(STRUCT);
    }
}
