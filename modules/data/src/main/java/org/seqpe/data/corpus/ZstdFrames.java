package org.seqpe.data.corpus;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Passes on the bytes of zstd frames and checks that the last frame is complete (RFC 8878, section 3.1). If a file ends
 * within its second frame or a later one, the decoder of zstd-jni accepts it as complete when an earlier frame ends in
 * the same buffer.
 */
final class ZstdFrames extends FilterInputStream {
    private static final int MAGIC = 0xFD2FB528;
    private static final int SKIPPABLE = 0x184D2A50;
    private static final int SKIPPABLE_MASK = 0xFFFFFFF0;
    private static final int[] DICTIONARY_BYTES = {0, 1, 2, 4};
    private static final int[] SIZE_BYTES = {0, 2, 4, 8};
    private static final int RUN = 1;

    /** The part of a frame that comes next. */
    private enum Part {
        MAGIC_NUMBER,
        SKIPPED_SIZE,
        SKIPPED,
        DESCRIPTOR,
        HEADER,
        BLOCK_HEADER,
        BLOCK,
        CHECKSUM,
        /** Bytes that do not belong to a frame; the decoder reports them. */
        OTHER
    }

    private Part part = Part.MAGIC_NUMBER;
    /** Number of bytes of the part that are still to come. */
    private long missing = Integer.BYTES;

    private long value;
    private int shift;
    private boolean hasChecksum;
    private boolean isLast;

    ZstdFrames(InputStream in) {
        super(in);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = in.read(bytes, offset, length);
        if (count < 0 && part != Part.OTHER && !(part == Part.MAGIC_NUMBER && missing == Integer.BYTES)) {
            throw new EOFException();
        }
        for (int i = 0; i < count && part != Part.OTHER; ) {
            if (part == Part.SKIPPED || part == Part.HEADER || part == Part.BLOCK || part == Part.CHECKSUM) {
                int passed = (int) Math.min(missing, count - i);
                missing -= passed;
                i += passed;
            } else {
                value |= (bytes[offset + i++] & 0xFFL) << shift;
                shift += Byte.SIZE;
                missing--;
            }
            // A part without bytes ends immediately.
            while (missing == 0 && part != Part.OTHER) {
                next();
            }
        }
        return count;
    }

    private void next() {
        switch (part) {
            case MAGIC_NUMBER -> {
                boolean skippable = ((int) value & SKIPPABLE_MASK) == SKIPPABLE;
                begin(
                        (int) value == MAGIC ? Part.DESCRIPTOR : skippable ? Part.SKIPPED_SIZE : Part.OTHER,
                        skippable ? Integer.BYTES : 1);
            }
            case SKIPPED_SIZE -> begin(Part.SKIPPED, value);
            case DESCRIPTOR -> {
                boolean single = (value >> 5 & 1) == 1;
                hasChecksum = (value >> 2 & 1) == 1;
                int size = (int) (value >> 6);
                begin(
                        Part.HEADER,
                        (single ? 0 : 1)
                                + DICTIONARY_BYTES[(int) (value & 3)]
                                + (single && size == 0 ? 1 : SIZE_BYTES[size]));
            }
            case HEADER -> begin(Part.BLOCK_HEADER, 3);
            case BLOCK_HEADER -> {
                isLast = (value & 1) == 1;
                begin(Part.BLOCK, (value >> 1 & 3) == RUN ? 1 : value >> 3);
            }
            case BLOCK -> {
                if (!isLast) {
                    begin(Part.BLOCK_HEADER, 3);
                } else {
                    begin(hasChecksum ? Part.CHECKSUM : Part.MAGIC_NUMBER, Integer.BYTES);
                }
            }
            case SKIPPED, CHECKSUM -> begin(Part.MAGIC_NUMBER, Integer.BYTES);
            case OTHER -> throw new IllegalStateException();
        }
    }

    private void begin(Part next, long bytes) {
        part = next;
        missing = bytes;
        value = 0;
        shift = 0;
    }
}
