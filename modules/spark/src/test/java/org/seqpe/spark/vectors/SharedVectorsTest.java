package org.seqpe.spark.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class SharedVectorsTest {

    @Test
    void aViewShowsItsPartOfTheVector() {
        FloatMemory vector = vector(1, 2, 3, 4, 5);
        ByteBuffer bytes = vector.view(2, 3);
        assertThat(bytes.position()).isZero();
        assertThat(bytes.capacity()).isEqualTo(3 * Float.BYTES);
        FloatBuffer view = bytes.asFloatBuffer();
        assertThat(view.remaining()).isEqualTo(3);
        assertThat(new float[] {view.get(0), view.get(1), view.get(2)}).containsExactly(3, 4, 5);
        vector.write(3, 1, new float[] {9});
        assertThat(view.get(1)).isEqualTo(9);
        assertThatThrownBy(() -> vector.view(3, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** What a repeated task starts from is what was handed over, whatever its network did since. */
    @Test
    void aVectorIsHandedOverByReferenceUntilItIsKept() {
        FloatMemory vector = vector(1, 2);
        SharedVectors.open(1);
        SharedVectors.put(1, "moments", vector);
        assertThat(SharedVectors.get(1, "moments")).isSameAs(vector);
        SharedVectors.keep(1, "moments");
        vector.write(0, 2, new float[] {7, 7});
        SharedVectors.keep(1, "moments");
        assertThat(values(SharedVectors.get(1, "moments"))).containsExactly(1, 2);
        FloatMemory copy = SharedVectors.get(1, "moments");
        SharedVectors.close(1);
        assertThat(SharedVectors.contains(1, "moments")).isFalse();

        // The next copy lies in the memory of the closed one.
        SharedVectors.open(2);
        SharedVectors.put(2, "moments", vector);
        SharedVectors.keep(2, "moments");
        assertThat(SharedVectors.get(2, "moments")).isSameAs(copy);
        assertThat(values(copy)).containsExactly(7, 7);
        SharedVectors.close(2);
        SharedVectors.freeSpare();
    }

    @Test
    void aTaskOfARoundThatIsOverHandsOverNothing() {
        SharedVectors.open(3);
        SharedVectors.close(3);
        assertThatThrownBy(() -> SharedVectors.put(3, "r0_a1", vector(1)))
                .hasMessageContaining("the round that it belongs to is over");
        assertThatThrownBy(() -> SharedVectors.get(3, "r0_a1")).isInstanceOf(BlockPieces.LostBlockException.class);
    }

    private static FloatMemory vector(float... values) {
        return new FloatMemory(Nd4j.createFromArray(values));
    }

    private static float[] values(FloatMemory memory) {
        float[] values = new float[(int) memory.length()];
        memory.read(0, values.length, values);
        return values;
    }
}
