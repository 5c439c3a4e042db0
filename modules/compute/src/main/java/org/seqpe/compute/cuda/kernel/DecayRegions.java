package org.seqpe.compute.cuda.kernel;

import java.util.ArrayList;
import java.util.List;
import org.seqpe.compute.AdamWStep;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaInts;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.Launch;

/** A vector of parameters cut into regions of one decay each, on the device: what adamW in optimizer.cuh reads. */
final class DecayRegions {
    private final CudaRuntime runtime;
    private final List<AdamWStep.Decay> decays;
    private final long size;
    private final int count;
    /** The end of each region, as 64-bit integers. */
    private final Ints ends;
    /** The decay of each region, and behind them a 1, the factor of gradients that are not to be changed. */
    private final Tensor values;

    DecayRegions(CudaRuntime runtime, List<AdamWStep.Decay> decays, long size) {
        this.runtime = runtime;
        this.decays = List.copyOf(decays);
        this.size = size;
        List<Long> regionEnds = new ArrayList<>();
        List<Float> regionDecays = new ArrayList<>();
        long at = 0;
        for (AdamWStep.Decay part : decays) {
            if (part.offset() > at) {
                regionEnds.add(part.offset());
                regionDecays.add(0f);
            }
            at = part.offset() + part.length();
            regionEnds.add(at);
            regionDecays.add((float) part.decay());
        }
        if (at < size || regionEnds.isEmpty()) {
            regionEnds.add(size);
            regionDecays.add(0f);
        }
        count = regionEnds.size();
        int[] words = new int[2 * count];
        float[] all = new float[count + 1];
        for (int i = 0; i < count; i++) {
            words[2 * i] = (int) (long) regionEnds.get(i);
            words[2 * i + 1] = (int) (regionEnds.get(i) >>> Integer.SIZE);
            all[i] = regionDecays.get(i);
        }
        all[count] = 1;
        ends = CudaInts.allocate(runtime, words.length);
        ends.upload(words);
        values = runtime.allocate(Precision.FLOAT32, all.length);
        values.upload(all);
    }

    boolean isOf(List<AdamWStep.Decay> otherDecays, long otherSize) {
        return size == otherSize && decays.equals(otherDecays);
    }

    /** Puts the factor of the gradients, and the regions. */
    Launch put(Launch launch) {
        long address = runtime.address(values);
        return launch.address(address + (long) count * Float.BYTES)
                .address(runtime.address(ends))
                .address(address)
                .number(count);
    }
}
