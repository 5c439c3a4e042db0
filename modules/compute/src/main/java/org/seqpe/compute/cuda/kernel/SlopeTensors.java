package org.seqpe.compute.cuda.kernel;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaRuntime;

/** ALiBi's slopes on the device; a model has a few sets of them. */
public final class SlopeTensors {
    private final CudaRuntime runtime;
    private final Map<Slopes, Tensor> tensors = new HashMap<>();

    public SlopeTensors(CudaRuntime runtime) {
        this.runtime = runtime;
    }

    /** Slopes that are compared by their values. */
    private record Slopes(float[] values) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Slopes slopes && Arrays.equals(values, slopes.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }

    /** The slopes on the device, [H]; null for null. */
    Tensor of(float[] slopes) {
        return slopes == null
                ? null
                : tensors.computeIfAbsent(new Slopes(slopes.clone()), key -> {
                    Tensor tensor = runtime.allocate(Precision.FLOAT32, key.values.length);
                    tensor.upload(key.values);
                    return tensor;
                });
    }
}
