package org.seqpe.spark.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** Every way to copy a part of a vector reaches exactly that part, wherever it lies. */
class FloatMemoryTest {
    private static final int LENGTH = 23;
    private static final int PART = 5;

    private static FloatMemory counting() {
        float[] values = new float[LENGTH];
        IntStream.range(0, LENGTH).forEach(i -> values[i] = i);
        return new FloatMemory(Nd4j.createFromArray(values));
    }

    private static float[] values(FloatMemory memory) {
        float[] values = new float[(int) memory.length()];
        memory.read(0, values.length, values);
        return values;
    }

    private static float[] counting(int from, int count) {
        float[] values = new float[count];
        IntStream.range(0, count).forEach(i -> values[i] = from + i);
        return values;
    }

    /** The parts of a walk through the vector; the last one is shorter. */
    private static IntStream offsets() {
        return IntStream.iterate(0, offset -> offset < LENGTH, offset -> offset + PART);
    }

    private static int count(int offset) {
        return Math.min(PART, LENGTH - offset);
    }

    @Test
    void readsAnyPartIntoAnArrayAndIntoABuffer() {
        FloatMemory memory = counting();
        offsets().forEach(offset -> {
            int count = count(offset);
            float[] array = new float[count];
            memory.read(offset, count, array);
            assertThat(array).as("array from %d", offset).isEqualTo(counting(offset, count));
            ByteBuffer buffer = ByteBuffer.allocateDirect(count * Float.BYTES).order(ByteOrder.nativeOrder());
            memory.read(offset, buffer);
            buffer.asFloatBuffer().get(array);
            assertThat(array).as("buffer from %d", offset).isEqualTo(counting(offset, count));
            memory.view(offset, count)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer()
                    .get(array);
            assertThat(array).as("view from %d", offset).isEqualTo(counting(offset, count));
        });
    }

    @Test
    void writesAnyPartFromABufferOnOrOffTheHeapThatDoesNotBeginAtItsStart() {
        for (boolean direct : new boolean[] {true, false}) {
            FloatMemory memory = new FloatMemory(Nd4j.zeros(1, LENGTH));
            offsets().forEach(offset -> {
                int before = 3 * Float.BYTES;
                int bytes = before + count(offset) * Float.BYTES;
                ByteBuffer buffer = (direct ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes))
                        .order(ByteOrder.nativeOrder());
                buffer.position(before);
                buffer.slice().order(ByteOrder.nativeOrder()).asFloatBuffer().put(counting(offset, count(offset)));
                memory.write(offset, buffer);
            });
            assertThat(values(memory)).as(direct ? "direct" : "heap").isEqualTo(counting(0, LENGTH));
        }
    }

    @Test
    void writesAnyPartFromAnArrayAndCopiesTheWhole() {
        FloatMemory memory = new FloatMemory(Nd4j.zeros(1, LENGTH));
        offsets().forEach(offset -> memory.write(offset, count(offset), counting(offset, PART)));
        assertThat(values(memory)).isEqualTo(counting(0, LENGTH));
        FloatMemory copy = new FloatMemory(Nd4j.zeros(1, LENGTH));
        memory.copyTo(copy);
        assertThat(values(copy)).isEqualTo(counting(0, LENGTH));
    }

    @Test
    void refusesPartsThatEndBeyondTheVector() {
        FloatMemory memory = counting();
        assertThatThrownBy(() -> memory.read(LENGTH - 1, 2, new float[2]))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.write(LENGTH - 1, ByteBuffer.allocateDirect(2 * Float.BYTES)))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.read(-1, 1, new float[1])).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
