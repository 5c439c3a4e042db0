package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.seqpe.compute.nd4j.HostVectors;

/** Tensors and integers as every device stores them. */
interface StorageContract extends UsesDevice {
    @Test
    default void allocatesZerosThatViewsShare() {
        Tensor tensor = device().allocate(3, 4);
        assertThat(tensor.toArray()).containsOnly(0f).hasSize(12);
        assertThat(tensor.device()).isSameAs(device());
        tensor.view(5, 2, 2).upload(1, 2, 3, 4);
        assertThat(tensor.toArray()).containsExactly(0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0);
        assertThat(tensor.firstRows(2).toArray()).containsExactly(0, 0, 0, 0, 0, 1, 2, 3);
        assertThat(tensor.reshape(6, 2).rows()).isEqualTo(6);
        Probe.refuses("a view outside", () -> tensor.view(9, 4));
        Probe.refuses("another size", () -> tensor.reshape(5, 2));
        Probe.refuses("too many values", () -> tensor.upload(new float[13]));
    }

    @Test
    default void freesWhatItAllocatedAndNothingElse() {
        Tensor tensor = device().allocate(3, 4);
        Probe.refuses("a view", () -> device().free(tensor.firstRows(3)));
        Probe.refuses("a vector of another's", () -> device().free(share(Nd4j.zeros(DataType.FLOAT, 1, 12))));
        assertThat(tensor.toArray()).containsOnly(0f);
        device().free(tensor);
    }

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
    default void integersKeepTheLengthOfTheLastUpload() {
        Ints ints = device().allocateInts(4);
        assertThat(ints.length()).isZero();
        ints.upload(1, 2, 3);
        assertThat(ints.length()).isEqualTo(3);
        assertThat(ints.view(1, 2).length()).isEqualTo(2);
        Probe.refuses("too many integers", () -> ints.upload(1, 2, 3, 4, 5));
    }
}
