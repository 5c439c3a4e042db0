package org.seqpe.compute.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.seqpe.compute.nd4j.HostVectors;
import org.seqpe.core.UserException;

/** The four faces of a host tensor (values, INDArray, pointer, byte buffer) are one memory. */
class HostTensorTest {
    private static HostTensor counting(long... shape) {
        HostTensor tensor = HostTensor.allocate(null, shape);
        float[] values = new float[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        tensor.upload(values);
        return tensor;
    }

    @Test
    void isAllocatedAsZerosOnACacheLine() {
        HostTensor tensor = HostTensor.allocate(null, 3, 5);
        assertThat(tensor.toArray()).containsOnly(0f).hasSize(15);
        assertThat(tensor.address() % 64).isZero();
    }

    /** Nothing else in this JVM allocates a quarter of this meanwhile. */
    @Test
    void memoryIsFreedAtOnce() {
        int size = 1 << 26;
        HostTensor tensor = HostTensor.allocate(null, size);
        // The system gives memory when it is first written.
        tensor.upload(new float[size]);
        long before = Pointer.physicalBytes();
        tensor.free();
        assertThat(before - Pointer.physicalBytes()).as("bytes given back").isGreaterThan(size * 3L);
        assertThatThrownBy(tensor::toArray).as("use of freed memory").isInstanceOf(RuntimeException.class);
    }

    @Test
    void viewsOfViewsShareOneMemoryThroughEveryFace() {
        HostTensor whole = counting(4, 5, 6);
        HostTensor view = whole.view(30, 3, 5, 6).view(7, 2, 4);
        float[] expected = {37, 38, 39, 40, 41, 42, 43, 44};
        assertThat(view.toArray()).isEqualTo(expected);
        assertThat(new FloatPointer(new Address().at(view.address())).get(0)).isEqualTo(37);
        assertThat(view.bytes().order()).isEqualTo(ByteOrder.nativeOrder());
        assertThat(view.bytes().capacity()).isEqualTo(32);
        assertThat(view.bytes().getFloat(28)).isEqualTo(44);
        assertThat(view.bytes()).isSameAs(view.bytes());

        view.bytes().putFloat(4, -1);
        new FloatPointer(new Address().at(view.address())).put(2, -2);
        view.view(3, 1).upload(-3);
        view.upload(4, new float[] {9, -4, -5}, 1, 2);
        assertThat(whole.view(37, 6).toArray()).containsExactly(37, -1, -2, -3, -4, -5);
        float[] target = new float[4];
        whole.download(38, target, 1, 2);
        assertThat(target).containsExactly(0, -1, -2, 0);
    }

    @Test
    void wrapsFlatVectorsAndTheirViewsWithoutCopying() {
        INDArray flat =
                Nd4j.createFromArray(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).reshape(1, 10);
        INDArray part = flat.get(NDArrayIndex.point(0), NDArrayIndex.interval(3, 9));
        for (INDArray vector : new INDArray[] {part, part.reshape(1, 6), part.reshape(6, 1)}) {
            HostTensor tensor = HostTensor.over(null, HostVectors.of(vector));
            HostTensor view = tensor.view(2, 2, 2);
            assertThat(tensor.shape()).containsExactly(6);
            assertThat(view.toArray()).containsExactly(5, 6, 7, 8);
            assertThat(new FloatPointer(new Address().at(view.address())).get(1))
                    .isEqualTo(6);
            assertThat(view.bytes().getFloat(12)).isEqualTo(8);
            view.upload(-1, 6, 7, 8);
            assertThat(flat.getFloat(0, 5)).isEqualTo(-1);
            view.bytes().putFloat(0, 5);
            assertThat(flat.getFloat(0, 5)).isEqualTo(5);
        }
    }

    @Test
    void refusesToWrapWhatIsNotAContiguousFloatVector() {
        INDArray matrix = Nd4j.create(DataType.FLOAT, 4, 6);
        assertThatThrownBy(() -> HostVectors.of(matrix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[4, 6]");
        assertThatThrownBy(() -> HostVectors.of(matrix.getColumn(1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HostVectors.of(Nd4j.create(DataType.DOUBLE, 6)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DOUBLE");
    }

    @Test
    void refusesViewsAndTransfersThatLeaveIt() {
        HostTensor tensor = counting(3, 4);
        assertThatThrownBy(() -> tensor.view(5, 2, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tensor.view(-1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tensor.upload(10, new float[3], 0, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tensor.download(10, new float[3], 0, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Of such a size, but without the memory: it is refused before any is touched. */
    @Test
    void refusesBuffersThatIntsCannotCount() {
        INDArray huge =
                Nd4j.create(Nd4j.create(DataType.FLOAT, 4).data(), new long[] {1L << 30}, new long[] {1}, 0, 'c');
        HostTensor tensor = HostTensor.over(null, HostVectors.of(huge));
        assertThatThrownBy(tensor::bytes)
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("[1073741824]", "at most 536869887", "train.batch", "device.kind");
        assertThatThrownBy(() -> tensor.view(0, 536_869_888).bytes()).isInstanceOf(UserException.class);
        assertThat(tensor.view(5, 1L << 27, 2).view(0, 2).bytes().capacity()).isEqualTo(8);
    }

    @Test
    void mayBeEmpty() {
        HostTensor empty = HostTensor.allocate(null, 0, 4);
        assertThat(empty.toArray()).isEmpty();
        assertThat(empty.bytes().capacity()).isZero();
        assertThat(counting(3).view(3, 0, 2).toArray()).isEmpty();
    }

    @Test
    void memoryOutlivesTheAllocationWhileAViewIsHeld() {
        HostTensor view = counting(1 << 16).view(1000, 10);
        for (int i = 0; i < 20; i++) {
            System.gc();
            HostTensor.allocate(null, 1 << 16).upload(new float[1 << 16]);
        }
        assertThat(view.toArray()).containsExactly(1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009);
    }
}
