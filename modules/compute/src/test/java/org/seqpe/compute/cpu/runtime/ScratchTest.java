package org.seqpe.compute.cpu.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;

class ScratchTest {
    /** The memory as BLAS sees it. */
    private static final class At extends FloatPointer {
        At(long place) {
            super((Pointer) null);
            address = place;
        }
    }

    /** Address and buffer are one aligned memory, whatever size it has grown to. */
    @Test
    void growsAndStaysAligned() {
        Scratch scratch = new Scratch();
        for (int floats : new int[] {1, 100, 5, 100_003, 100_003, 7}) {
            scratch.reserve(floats);
            assertThat(scratch.address() % 64).isZero();
            assertThat(scratch.bytes().capacity()).isGreaterThanOrEqualTo(floats * Float.BYTES);
            scratch.bytes().order(ByteOrder.nativeOrder()).putFloat((floats - 1) * Float.BYTES, floats);
            assertThat(new At(scratch.address()).get(floats - 1)).isEqualTo(floats);
        }
        scratch.release();
    }

    @Test
    void refusesWhatABufferCannotHold() {
        assertThatThrownBy(() -> new Scratch().reserve(1L << 29))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("536870912", "train.batch");
    }
}
