package org.seqpe.compute.cpu.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.seqpe.compute.Precision;

class RoundingTest {
    private static final int COUNT = 1 << 16;
    /** Lower halves: exact, below, at and above the middle between two numbers of bfloat16, and the largest. */
    private static final int[] LOWER = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    @Test
    void roundsEveryUpperHalfAsOneNumberIsRounded() {
        ByteBuffer x = buffer(COUNT * Float.BYTES);
        ByteBuffer rounded = buffer(COUNT * Short.BYTES);
        for (int lower : LOWER) {
            for (int i = 0; i < COUNT; i++) {
                x.putInt(i * Float.BYTES, i << 16 | lower);
            }
            Rounding.round(x, 0, rounded, 0, COUNT);
            for (int i = 0; i < COUNT; i++) {
                assertThat(rounded.getShort(i * Short.BYTES))
                        .as("%x", i << 16 | lower)
                        .isEqualTo(Precision.toBfloat16(x.getFloat(i * Float.BYTES)));
            }
        }
    }

    @Test
    void widensEveryNumberExactly() {
        ByteBuffer x = buffer(COUNT * Short.BYTES);
        ByteBuffer wide = buffer(COUNT * Float.BYTES);
        for (int i = 0; i < COUNT; i++) {
            x.putShort(i * Short.BYTES, (short) i);
        }
        Rounding.widen(x, 0, wide, 0, COUNT);
        for (int i = 0; i < COUNT; i++) {
            assertThat(wide.getInt(i * Float.BYTES)).as("%x", i).isEqualTo(i << 16);
        }
    }

    /** Lengths below, at and above a few vectors, at places that are no multiple of a vector. */
    @Test
    void touchesNothingOutsideTheStretch() {
        for (int count = 0; count <= 67; count++) {
            ByteBuffer x = buffer((count + 3) * Float.BYTES);
            for (int i = 0; i < count + 3; i++) {
                x.putFloat(i * Float.BYTES, i + 1);
            }
            ByteBuffer rounded = buffer((count + 6) * Short.BYTES);
            Rounding.round(x, 2 * Float.BYTES, rounded, 3 * Short.BYTES, count);
            for (int i = 0; i < count + 6; i++) {
                boolean inside = i >= 3 && i < count + 3;
                assertThat(rounded.getShort(i * Short.BYTES)).isEqualTo(inside ? Precision.toBfloat16(i) : 0);
            }
            ByteBuffer wide = buffer((count + 6) * Float.BYTES);
            Rounding.widen(rounded, 3 * Short.BYTES, wide, 5 * Float.BYTES, count);
            for (int i = 0; i < count + 6; i++) {
                boolean inside = i >= 5 && i < count + 5;
                assertThat(wide.getFloat(i * Float.BYTES)).isEqualTo(inside ? i - 2 : 0);
            }
        }
    }
}
