package org.seqpe.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class PeakMemoryTest {

    @Test
    @EnabledOnOs(OS.LINUX)
    void nativeMemoryCountsOnceItIsTouched() {
        PeakMemory.reset();
        long before = PeakMemory.bytes().orElseThrow();
        ByteBuffer touched = ByteBuffer.allocateDirect(256 << 20);
        for (int i = 0; i < touched.capacity(); i += 4096) {
            touched.put(i, (byte) 1);
        }
        // Without the right to reset, the mark may already have been higher than what is resident now, but never lower
        // than the buffer.
        long after = PeakMemory.bytes().orElseThrow();
        assertThat(after).isGreaterThanOrEqualTo(before).isGreaterThanOrEqualTo(touched.capacity());
    }
}
