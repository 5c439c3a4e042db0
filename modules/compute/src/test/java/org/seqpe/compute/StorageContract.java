package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

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
