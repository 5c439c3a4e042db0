package org.seqpe.core.events;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The few fields of TensorFlow's Event protocol buffer that scalars need. Numbers of fields are those of event.proto
 * and summary.proto; a tag is {@code number << 3 | wire type}.
 */
final class EventMessages {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int BYTES = 2;
    private static final int FOUR_BYTES = 5;

    private static final int EVENT_WALL_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_FILE_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int EVENT_SESSION_LOG = 7;
    private static final int SESSION_LOG_STATUS = 1;
    private static final int SESSION_START = 1;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE_VALUE = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private EventMessages() {}

    /**
     * The first record of a file.
     *
     * @param time seconds since 1970
     */
    static byte[] version(double time) {
        return event(time, 0)
                .bytes(EVENT_FILE_VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8))
                .toBytes();
    }

    /** The start of a session. It voids whatever was written before about this step and later ones. */
    static byte[] start(double time, long step) {
        return event(time, step)
                .bytes(
                        EVENT_SESSION_LOG,
                        new EventMessages()
                                .varint(SESSION_LOG_STATUS, SESSION_START)
                                .toBytes())
                .toBytes();
    }

    /** Values of a step by tag, as float32. */
    static byte[] scalars(double time, long step, Map<String, ? extends Number> values) {
        EventMessages summary = new EventMessages();
        values.forEach((tag, value) -> summary.bytes(
                SUMMARY_VALUE,
                new EventMessages()
                        .bytes(VALUE_TAG, tag.getBytes(StandardCharsets.UTF_8))
                        .fourBytes(VALUE_SIMPLE_VALUE, value.floatValue())
                        .toBytes()));
        return event(time, step).bytes(EVENT_SUMMARY, summary.toBytes()).toBytes();
    }

    private static EventMessages event(double time, long step) {
        return new EventMessages().eightBytes(EVENT_WALL_TIME, time).varint(EVENT_STEP, step);
    }

    private EventMessages varint(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    private EventMessages eightBytes(int field, double value) {
        tag(field, EIGHT_BYTES);
        out.writeBytes(ByteBuffer.allocate(Double.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(value)
                .array());
        return this;
    }

    private EventMessages fourBytes(int field, float value) {
        tag(field, FOUR_BYTES);
        out.writeBytes(ByteBuffer.allocate(Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array());
        return this;
    }

    private EventMessages bytes(int field, byte[] value) {
        tag(field, BYTES);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private void tag(int field, int type) {
        varint((long) field << 3 | type);
    }

    /** Seven bits per byte, the lowest first; the highest bit marks that more bytes follow. */
    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private byte[] toBytes() {
        return out.toByteArray();
    }
}
