package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.seqpe.compute.nd4j.HostVectors;

/** Vectors of another library, on devices that compute in host memory. */
public interface SharingContract extends UsesDevice {
    @Test
    default void wrapsTheFlatVectorsOfDl4jWithoutCopying() {
        INDArray flat = Nd4j.zeros(1, 100).castTo(DataType.FLOAT);
        INDArray view =
                flat.get(NDArrayIndex.point(0), NDArrayIndex.interval(10, 60)).reshape(1, 50);
        Tensor tensor = share(view);
        device().fill(tensor.view(20, 10), 3);
        float[] values = tensor.toArray();
        assertThat(flat.getFloat(0, 29)).isZero();
        assertThat(flat.getFloat(0, 30)).isEqualTo(3);
        assertThat(flat.sumNumber().floatValue()).isEqualTo(30);
        assertThat(values[29]).isEqualTo(3);
        flat.putScalar(0, 10, -1);
        assertThat(tensor.toArray()[0]).isEqualTo(-1);
        Probe.refuses("a matrix", () -> share(Nd4j.zeros(4, 5)));
        Probe.refuses("doubles", () -> share(Nd4j.zeros(DataType.DOUBLE, 5)));
    }

    private Tensor share(INDArray array) {
        return device().share(HostVectors.of(array)).orElseThrow();
    }

    @Test
    default void freesNoVectorOfAnothers() {
        Probe.refuses("a vector of another's", () -> device().free(share(Nd4j.zeros(DataType.FLOAT, 1, 12))));
    }
}
