package org.seqpe.core.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files are read back by the format's description, as TensorBoard does: every sum checked, files by name, steps dropped
 * where a session starts.
 */
class EventFilesTest {
    @TempDir
    private Path folder;

    private EventFiles events() {
        return new EventFiles(folder.resolve("tensorboard").toString());
    }

    @Test
    void valuesComeBackByTagAndStep() throws IOException {
        double before = System.currentTimeMillis() * 1e-3;
        try (EventFiles events = events()) {
            events.restartAfter(0);
            events.scalars(5, Map.of("loss", 2.5));
            events.scalars(300, Map.of("loss", 1e-7, "delta_norms/0", 3L));
            // Readable before the end.
            assertThat(shown()).hasSize(2);
        }
        assertThat(shown())
                .isEqualTo(Map.of(
                        "loss",
                        new TreeMap<>(Map.of(5L, 2.5f, 300L, 1e-7f)),
                        "delta_norms/0",
                        new TreeMap<>(Map.of(300L, 3f))));
        List<Event> all = events(files().get(0));
        assertThat(all.get(0).version).isEqualTo("brain.Event:2");
        assertThat(all).allSatisfy(event -> assertThat(event.time).isBetween(before, before + 600));
    }

    @Test
    void stepsThatAreComputedAgainShowOnce() throws IOException {
        EventFiles killed = events();
        killed.restartAfter(0);
        for (int step = 2; step <= 6; step += 2) {
            killed.scalars(step, Map.of("loss", 10.0 + step));
        }
        // Cut in the middle of a record, and never closed.
        byte[] whole = Files.readAllBytes(files().get(0));
        Files.write(files().get(0), java.util.Arrays.copyOf(whole, whole.length - 3));
        try (EventFiles resumed = events()) {
            resumed.restartAfter(2);
            resumed.scalars(4, Map.of("loss", 24.0));
            resumed.scalars(6, Map.of("loss", 26.0));
            // Back at a checkpoint within the process.
            resumed.restartAfter(4);
            resumed.scalars(6, Map.of("loss", 36.0));
        }
        assertThat(files()).hasSize(2);
        assertThat(shown()).isEqualTo(Map.of("loss", new TreeMap<>(Map.of(2L, 12f, 4L, 24f, 6L, 36f))));
    }

    @Test
    void aStartThatComputesNothingLeavesNoFile() {
        try (EventFiles events = events()) {
            events.restartAfter(8);
        }
        assertThat(folder.resolve("tensorboard")).doesNotExist();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("tensorboard"))) {
            return files.filter(file -> file.getFileName().toString().contains("tfevents"))
                    .sorted()
                    .toList();
        }
    }

    /** What TensorBoard plots: values by tag and step. */
    private Map<String, TreeMap<Long, Float>> shown() throws IOException {
        Map<String, TreeMap<Long, Float>> shown = new TreeMap<>();
        for (Path file : files()) {
            for (Event event : events(file)) {
                if (event.sessionStart) {
                    shown.values()
                            .forEach(steps -> steps.tailMap(event.step, true).clear());
                }
                event.scalars.forEach((tag, value) ->
                        shown.computeIfAbsent(tag, t -> new TreeMap<>()).put(event.step, value));
            }
        }
        return shown;
    }

    /** The whole records of a file. */
    private static List<Event> events(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (in.remaining() >= 12) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(in.getInt()).isEqualTo(masked(length));
            int bytes =
                    (int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (in.remaining() < bytes + 4) {
                break;
            }
            byte[] data = new byte[bytes];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(masked(data));
            events.add(new Event(data));
        }
        return events;
    }

    private static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        long sum = crc.getValue();
        return (int) ((sum >>> 15 | sum << 17) + 0xa282ead8L);
    }

    private static final class Event {
        private double time;
        private long step;
        private String version;
        private boolean sessionStart;
        private final Map<String, Float> scalars = new TreeMap<>();

        Event(byte[] data) {
            ByteBuffer in = little(data);
            while (in.hasRemaining()) {
                switch ((int) varint(in)) {
                    case 1 << 3 | 1 -> time = in.getDouble();
                    case 2 << 3 -> step = varint(in);
                    case 3 << 3 | 2 -> version = new String(bytes(in), StandardCharsets.UTF_8);
                    case 5 << 3 | 2 -> summary(bytes(in));
                    case 7 << 3 | 2 -> sessionStart = java.util.Arrays.equals(bytes(in), new byte[] {1 << 3, 1});
                    default -> throw new AssertionError("unknown field of an event");
                }
            }
        }

        private void summary(byte[] data) {
            ByteBuffer in = little(data);
            while (in.hasRemaining()) {
                assertThat(varint(in)).isEqualTo(1 << 3 | 2);
                ByteBuffer value = little(bytes(in));
                assertThat(varint(value)).isEqualTo(1 << 3 | 2);
                String tag = new String(bytes(value), StandardCharsets.UTF_8);
                assertThat(varint(value)).isEqualTo(2 << 3 | 5);
                scalars.put(tag, value.getFloat());
            }
        }

        private static ByteBuffer little(byte[] data) {
            return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        }

        private static byte[] bytes(ByteBuffer in) {
            byte[] bytes = new byte[(int) varint(in)];
            in.get(bytes);
            return bytes;
        }

        private static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = in.get();
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }
    }
}
