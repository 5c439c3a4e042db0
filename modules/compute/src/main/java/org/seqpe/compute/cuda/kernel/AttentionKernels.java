package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireFloat32;
import static org.seqpe.compute.cuda.kernel.KernelNames.requireSame;
import static org.seqpe.compute.cuda.kernel.KernelNames.type;

import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.Launch;

/**
 * Attention and its backward pass: on tensor cores for bfloat16 and usual widths (attention_forward.cuh,
 * attention_backward.cuh), and without them for everything else (attention_any.cuh).
 */
public final class AttentionKernels {
    private static final int TILE = 64;
    private static final int ANY_BYTES = 26_112;
    private static final int ANY_NARROW = 64;
    private static final int ANY_WIDE = 128;
    private static final int ROWS_OF_BLOCK = 8;
    /** Samples whose position gradients a block sums before they are written: measured best on an H200 at batch 32. */
    private static final int SAMPLES = 2;

    private static final int STRUCT = 8;

    private final CudaRuntime runtime;
    private final TensorCoreShapes tensorCores;
    private final SlopeTensors slopes;

    public AttentionKernels(CudaRuntime runtime, SlopeTensors slopes) {
        this.runtime = runtime;
        this.slopes = slopes;
        tensorCores = new TensorCoreShapes(runtime.gpu().sharedMemory());
    }

    public void forward(Attention spec, AttentionHeads in, Heads out, Tensor logSumExp) {
        requireOperands("attention", spec, in, out);
        requireFloat32("attention", logSumExp);
        if (isEmpty(spec)) {
            return;
        }
        int width = spec.width();
        int positions = spec.positionWidth();
        if (onTensorCores(spec, in, out)) {
            Launch launch = runtime.kernel("attentionForward_" + width + "_" + positions + "_m1"
                    + tensorCores.forwardVariant(width, positions) + drop(spec));
            putArguments(launch, spec, in, out, logSumExp)
                    .run(
                            tiles(spec),
                            spec.heads(),
                            spec.batch(),
                            TensorCoreShapes.THREADS,
                            1,
                            tensorCores.forwardBytes(width, positions));
        } else {
            int slice = slice(spec);
            Launch launch = runtime.kernel("attentionForward_any" + slice + "_" + type(out.tensor()));
            putArguments(launch, spec, in, out, logSumExp)
                    .number(width)
                    .number(positions)
                    .run(
                            tiles(spec),
                            spec.heads() * Grids.ceil(width, slice),
                            spec.batch(),
                            Grids.THREADS,
                            1,
                            ANY_BYTES);
        }
    }

    public void backward(
            Attention spec, AttentionHeads in, Heads out, Tensor logSumExp, Heads dOut, AttentionHeads gradients) {
        requireOperands("attentionBackward", spec, in, out);
        requireSame(
                "attentionBackward",
                out.tensor(),
                dOut.tensor(),
                gradients.query().tensor(),
                gradients.key().tensor(),
                gradients.value().tensor());
        requireFloat32("attentionBackward", logSumExp);
        if (isEmpty(spec)) {
            return;
        }
        Backward pass = new Backward(spec, in, out, logSumExp, dOut, gradients);
        if (onTensorCores(spec, in, out) && TensorCoreShapes.fits(dOut, gradients)) {
            pass.onTensorCores();
        } else {
            pass.anywhere();
        }
        pass.foldPositions();
    }

    /** One backward pass: its working memory, and its kernels. */
    private final class Backward {
        private final Attention spec;
        private final AttentionHeads in;
        private final Heads out;
        private final Tensor logSumExp;
        private final Heads dOut;
        private final AttentionHeads gradients;
        private final int samples;
        private final long groups;
        private final long delta;
        private final long positionQuery;
        private final long positionKey;

        Backward(Attention spec, AttentionHeads in, Heads out, Tensor logSumExp, Heads dOut, AttentionHeads gradients) {
            this.spec = spec;
            this.in = in;
            this.out = out;
            this.logSumExp = logSumExp;
            this.dOut = dOut;
            this.gradients = gradients;
            int turns = spec.hasPositions() ? spec.batch() / spec.positionBatch() : 1;
            samples = spec.hasPositions() && turns % SAMPLES == 0 ? SAMPLES : 1;
            groups = turns / samples;
            long deltas = (long) spec.batch() * spec.heads() * spec.length();
            long sums = groups * spec.positionBatch() * spec.length() * spec.heads() * spec.positionWidth();
            long deltaBytes = Grids.alignedBytes(deltas);
            long sumBytes = Grids.alignedBytes(sums);
            delta = runtime.scratch(deltaBytes + 2 * sumBytes);
            positionQuery = sums == 0 ? 0 : delta + deltaBytes;
            positionKey = sums == 0 ? 0 : positionQuery + sumBytes;
        }

        private Launch put(String kernel) {
            Launch launch = putArguments(runtime.kernel(kernel), spec, in, out, logSumExp);
            putHeads(launch, dOut);
            putHeads(launch, gradients.query());
            putHeads(launch, gradients.key());
            putHeads(launch, gradients.value());
            return launch.address(delta)
                    .address(positionQuery)
                    .address(positionKey)
                    .number(samples)
                    .align(STRUCT);
        }

        void onTensorCores() {
            int width = spec.width();
            int positions = spec.positionWidth();
            String shape = "_" + width + "_" + positions + tensorCores.backwardVariant(width, positions) + drop(spec);
            int bytes = tensorCores.backwardBytes(width, positions);
            put("attentionDelta_" + width)
                    .run(
                            Grids.ceil(
                                    (long) spec.batch()
                                            * spec.length()
                                            * spec.heads()
                                            * TensorCoreShapes.deltaLanes(width),
                                    Grids.THREADS),
                            Grids.THREADS,
                            0);
            for (String kernel : new String[] {"attentionBackwardKeys", "attentionBackwardQueries"}) {
                put(kernel + shape)
                        .run(tiles(spec), spec.heads(), spec.batch() / samples, TensorCoreShapes.THREADS, 1, bytes);
            }
        }

        void anywhere() {
            String type = type(out.tensor());
            int slice = slice(spec);
            int width = spec.width();
            put("attentionDelta_any_" + type)
                    .number(width)
                    .run(
                            Grids.ceil((long) spec.batch() * spec.length() * spec.heads(), ROWS_OF_BLOCK),
                            Grids.THREADS,
                            0);
            for (String kernel : new String[] {"attentionBackwardKeys_any", "attentionBackwardQueries_any"}) {
                put(kernel + slice + "_" + type)
                        .number(width)
                        .number(spec.positionWidth())
                        .run(
                                tiles(spec),
                                spec.heads() * Grids.ceil(Math.max(width, spec.positionWidth()), slice),
                                spec.batch() / samples,
                                Grids.THREADS,
                                1,
                                ANY_BYTES);
            }
        }

        void foldPositions() {
            if (spec.hasPositions()) {
                long rows = (long) spec.positionBatch() * spec.length();
                HeadKernels.fold(
                        runtime,
                        positionQuery,
                        groups,
                        rows,
                        spec.heads(),
                        spec.positionWidth(),
                        gradients.positionQuery());
                HeadKernels.fold(
                        runtime,
                        positionKey,
                        groups,
                        rows,
                        spec.heads(),
                        spec.positionWidth(),
                        gradients.positionKey());
            }
        }
    }

    private static boolean isEmpty(Attention spec) {
        return spec.batch() == 0 || spec.length() == 0;
    }

    private static long tiles(Attention spec) {
        return Grids.ceil(spec.length(), TILE);
    }

    private static int slice(Attention spec) {
        return Math.max(spec.width(), spec.positionWidth()) <= ANY_NARROW ? ANY_NARROW : ANY_WIDE;
    }

    private static String drop(Attention spec) {
        return spec.dropout() > 0 ? "_drop" : "";
    }

    private boolean onTensorCores(Attention spec, AttentionHeads in, Heads out) {
        return out.tensor().precision() == Precision.BFLOAT16
                && spec.scale() > 0
                && tensorCores.has(spec.width(), spec.positionWidth())
                && TensorCoreShapes.fits(out, in);
    }

    private static void requireOperands(String kernel, Attention spec, AttentionHeads in, Heads out) {
        requireSame(
                kernel,
                out.tensor(),
                in.query().tensor(),
                in.key().tensor(),
                in.value().tensor());
        if (spec.hasPositions()) {
            requireSame(
                    kernel,
                    out.tensor(),
                    in.positionQuery().tensor(),
                    in.positionKey().tensor());
        }
    }

    private void putHeads(Launch launch, Heads heads) {
        HeadKernels.put(runtime, launch, heads);
    }

    /** Puts a struct AttentionArguments. */
    private Launch putArguments(Launch launch, Attention spec, AttentionHeads in, Heads out, Tensor logSumExp) {
        putHeads(launch, in.query());
        putHeads(launch, in.key());
        putHeads(launch, in.value());
        putHeads(launch, in.positionQuery());
        putHeads(launch, in.positionKey());
        putHeads(launch, out);
        return launch.address(runtime.addressOrNull(logSumExp))
                .address(runtime.addressOrNull(slopes.of(spec.slopes())))
                .dropout(spec.dropout(), spec.dropoutKey())
                .number(spec.batch())
                .number(spec.length())
                .number(spec.heads())
                .number(spec.positionBatch())
                .flag(spec.causal())
                .real(spec.scale())
                .real(spec.positionScale())
                .align(STRUCT);
    }
}
