package org.seqpe.spark.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.seqpe.core.random.RandomStream;
import org.seqpe.spark.round.RoundTraffic;
import org.seqpe.spark.vectors.Pieces;

class DeltaCodeTest {

    @ParameterizedTest
    @EnumSource
    void nothingIsFurtherAwayThanHalfAStep(DeltaCode code) {
        for (int count : new int[] {1, 2, 255, 256, 257, 700, 4096}) {
            float[] values = new float[count];
            RandomStream random = RandomStream.of(5, count);
            for (int i = 0; i < count; i++) {
                // Blocks of very different sizes: each has its own scale.
                values[i] = (float) (random.nextGaussian() * Math.pow(10, -(i / 256)));
            }
            float[] decoded = decoded(code, values);
            for (int i = 0; i < count; i++) {
                int block = i / 256 * 256;
                float largest = 0;
                for (int k = block; k < Math.min(count, block + 256); k++) {
                    largest = Math.max(largest, Math.abs(values[k]));
                }
                double half =
                        switch (code) {
                                // 8 significant bits: half of the last one.
                            case BF16 -> Math.abs(values[i]) / 256.0;
                            case INT8 -> largest / 254.0;
                            case INT4 -> largest / 14.0;
                        };
                // The scale and the product with it are floats.
                assertThat(Math.abs(values[i] - decoded[i]))
                        .as("value %d of %d", i, count)
                        .isLessThanOrEqualTo((float) (half * (1 + 1e-5)));
            }
            assertThat(code.bytes(count))
                    .as("bytes of %d", count)
                    .isEqualTo(encoded(code, values).limit());
        }
    }

    @Test
    void halvesGoToTheEvenCode() {
        // The scale is 1.
        assertThat(decoded(DeltaCode.INT8, 127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f)).containsExactly(127, 0, 2, 2, 0, -2);
        assertThat(decoded(DeltaCode.INT4, 7, -7, 0.5f, -1.5f, 3.5f)).containsExactly(7, -7, 0, -2, 4);
        // A bf16 has 7 bits behind the first one: steps of 1/128 above 1.
        assertThat(decoded(DeltaCode.BF16, 1 + 1 / 256f, 1 + 3 / 256f, -1 - 1 / 256f))
                .containsExactly(1, 1 + 2 / 128f, -1);
    }

    @ParameterizedTest
    @EnumSource
    void zerosStayZerosAndWhatIsNotFiniteDoesNotBecomeFinite(DeltaCode code) {
        assertThat(decoded(code, 0, 0, 0)).containsExactly(0, 0, 0);
        assertThat(decoded(code, Float.MIN_VALUE, 0)[1]).isZero();
        assertThat(decoded(code, 1, Float.NaN)[1]).isNaN();
        assertThat(Float.isFinite(decoded(code, 1, Float.NEGATIVE_INFINITY)[1])).isFalse();
    }

    @Test
    void sizesAreWhatTheFormatSays() {
        assertThat(DeltaCode.BF16.bytes(1000)).isEqualTo(2000);
        assertThat(DeltaCode.INT8.bytes(1000)).isEqualTo(1000 + 4 * 4);
        assertThat(DeltaCode.INT4.bytes(1001)).isEqualTo(501 + 4 * 4);
        // More than one piece of the parameters.
        assertThat(RoundTraffic.up(139_000_000, DeltaCode.INT4, Pieces.DEFAULT))
                .isEqualTo(139_000_000 / 2 + 4 * 542_969);
    }

    @Test
    void refusesWhatIsNotABlockOrNotLittleEndian() {
        ByteBuffer bytes = ByteBuffer.allocate(600);
        assertThatThrownBy(() -> DeltaCode.INT8.encode(new float[1], 1, bytes)).hasMessageContaining("little-endian");
        assertThatThrownBy(() -> DeltaCode.INT8.decode(bytes.order(ByteOrder.LITTLE_ENDIAN), 100, 1, new float[1]))
                .hasMessageContaining("found value 100");
    }

    private static ByteBuffer encoded(DeltaCode code, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
        code.encode(values, values.length, bytes);
        return bytes.flip();
    }

    /** In two parts where there are two blocks. */
    private static float[] decoded(DeltaCode code, float... values) {
        ByteBuffer bytes = encoded(code, values);
        float[] result = new float[values.length];
        int first = Math.min(values.length, DeltaCode.BLOCK);
        code.decode(bytes, 0, first, result);
        if (first < values.length) {
            float[] rest = new float[values.length - first];
            code.decode(bytes, first, rest.length, rest);
            System.arraycopy(rest, 0, result, first, rest.length);
        }
        return result;
    }
}
