package org.seqpe.spark.train;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.seqpe.core.Checkpoints;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Safetensors;

/** The averaged parameters in a checkpoint: a safetensors file that names the parts of the flat vector. */
final class ParameterFile {
    /** The file's name in a checkpoint. */
    static final String NAME = Checkpoints.MODEL;

    private ParameterFile() {
    }

    /** Writes all arrays of a flat vector. */
    static void write(OutputStream out, List<NamedArray> arrays, INDArray parameters) throws IOException {
        FloatMemory memory = new FloatMemory(parameters);
        Safetensors.write(out, arrays.stream().map(array -> source(array, memory)).toList(), Map.of());
    }

    /**
     * Fills a flat vector.
     *
     * @throws UserException if the file lacks an array or has it in another shape
     */
    static void read(String path, List<NamedArray> arrays, INDArray parameters) {
        FloatMemory memory = new FloatMemory(parameters);
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            for (NamedArray array : arrays) {
                long[] found = reader.shape(array.name());
                long[] expected = array.extents();
                if (!Arrays.equals(found, expected)) {
                    throw new UserException("Cannot use " + path + ": expected shape " + Arrays.toString(expected) + " of " + array.name() + ", found "
                            + Arrays.toString(found) + ".");
                }
                reader.read(array.name(), (offset, count, chunk) -> memory.write(array.offset() + offset, chunk, count));
            }
        }
    }

    private static Safetensors.Source source(NamedArray array, FloatMemory memory) {
        return new Safetensors.Source() {
            @Override
            public String name() {
                return array.name();
            }

            @Override
            public long[] shape() {
                return array.extents();
            }

            @Override
            public void read(long offset, int count, float[] target) {
                memory.read(array.offset() + offset, target, count);
            }
        };
    }
}
