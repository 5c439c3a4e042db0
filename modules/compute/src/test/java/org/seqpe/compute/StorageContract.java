package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
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
        assertThat(tensor.toArray()).containsOnly(0f);
        device().free(tensor);
    }

    /** More values than pass through the heap at once, and a few. */
    @Test
    default void vectorsOfAnotherLibraryComeAndGo() {
        for (int size : new int[] {5, (2 << 20) + 7}) {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = i % 1000;
            }
            INDArray vector = Nd4j.create(values.clone());
            HostLink link = device().link(HostVectors.of(vector));
            Tensor tensor = device().allocate(size);
            link.toDevice(tensor);
            vector.assign(-1);
            device().scale(tensor, 2);
            link.toHost(tensor);
            device().scale(tensor, 2);
            float[] back = vector.toFloatVector();
            for (int i = 0; i < size; i++) {
                values[i] *= 2;
            }
            assertThat(back).isEqualTo(values);
        }
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
