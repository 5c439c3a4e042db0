package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireSame;
import static org.seqpe.compute.cuda.kernel.KernelNames.type;

import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.CachedAttention;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Ints;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.Launch;
import org.seqpe.core.UserException;

/** Attention to a cache, and the copies that fill it (cached_attention.cuh). */
public final class CachedAttentionKernels {
    private static final int WIDEST = 256;
    private static final int WARP = 32;
    private static final int STRUCT = 8;

    private final CudaRuntime runtime;
    private final SlopeTensors slopes;

    public CachedAttentionKernels(CudaRuntime runtime, SlopeTensors slopes) {
        this.runtime = runtime;
        this.slopes = slopes;
    }

    /** Computes {@link org.seqpe.compute.Device#copyHeads}. */
    public void copy(Heads x, int rows, int heads, int width, Heads out) {
        String types = type(x.tensor()).equals(type(out.tensor()))
                ? type(x.tensor())
                : type(x.tensor()) + "_" + type(out.tensor());
        Launch launch = HeadKernels.put(runtime, runtime.kernel("copyHeads_" + types), x)
                .number(rows)
                .number(heads)
                .number(width);
        HeadKernels.put(runtime, launch, out).run(HeadKernels.blocks(rows, heads, width), Grids.THREADS, 0);
    }

    /**
     * Computes {@link org.seqpe.compute.Device#cachedAttention}.
     *
     * @throws UserException if heads are wider than 256
     */
    public void run(
            CachedAttention spec,
            Ints lengths,
            AttentionHeads fresh,
            Heads keys,
            Heads values,
            Heads positionKeys,
            Heads out) {
        requireSame(
                "cachedAttention",
                fresh.query().tensor(),
                fresh.key().tensor(),
                fresh.value().tensor(),
                keys.tensor(),
                values.tensor(),
                out.tensor());
        if (spec.hasPositions()) {
            requireSame("cachedAttention", out.tensor(), fresh.positionQuery().tensor(), positionKeys.tensor());
        }
        if (Math.max(spec.width(), spec.positionWidth()) > WIDEST) {
            throw new UserException("Cannot attend to a cache on a GPU: expected heads of at most " + WIDEST
                    + " elements, found " + spec + "; use more heads");
        }
        Launch launch = runtime.kernel("cachedAttention_" + type(out.tensor()));
        HeadKernels.put(runtime, launch, fresh.query());
        HeadKernels.put(runtime, launch, fresh.key());
        HeadKernels.put(runtime, launch, fresh.value());
        HeadKernels.put(runtime, launch, fresh.positionQuery());
        HeadKernels.put(runtime, launch, keys);
        HeadKernels.put(runtime, launch, values);
        HeadKernels.put(runtime, launch, positionKeys);
        HeadKernels.put(runtime, launch, out);
        launch.address(runtime.address(lengths))
                .address(runtime.addressOrNull(slopes.of(spec.slopes())))
                .number(spec.capacity())
                .number(spec.heads())
                .real(spec.scale())
                .real(spec.positionScale())
                .align(STRUCT)
                .number(spec.width())
                .number(spec.positionWidth())
                .run(
                        (long) spec.batch() * spec.heads(),
                        Grids.THREADS,
                        Grids.THREADS / WARP * (spec.width() + 2) * Float.BYTES);
    }
}
