package org.seqpe.bench.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.seqpe.core.io.Json;

/**
 * What a part has found: lines for people on standard output, and figures in a file of JSON. The file is written anew
 * after every figure, so that a part that is stopped leaves what it had.
 */
public final class Figures {
    private final Path file;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();
    private final long started = System.nanoTime();

    /** @param file null to keep nothing */
    public Figures(Path file) {
        this.file = file;
    }

    /** Prints a line, by {@link String#format}. */
    public void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
        System.out.flush();
    }

    /** Keeps a figure: a number, a text, a list or a map of them. JSON has no infinity, which becomes a text. */
    public void put(String name, Object value) {
        values.put(name, finite(value));
        write();
    }

    private static Object finite(Object value) {
        if (value instanceof Double number && !Double.isFinite(number)) {
            return number.toString();
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> all = new LinkedHashMap<>();
            map.forEach((name, each) -> all.put(name.toString(), finite(each)));
            return all;
        }
        return value instanceof List<?> list
                ? list.stream().map(Figures::finite).toList()
                : value;
    }

    /** Something is not as it must be: the part goes on, and fails at its end. */
    public void fail(String format, Object... values) {
        String failure = String.format(Locale.ROOT, format, values);
        failures.add(failure);
        say("FAILED: %s", failure);
        put("failures", List.copyOf(failures));
    }

    /** {@link #fail} unless the condition holds. */
    public void expect(boolean condition, String format, Object... values) {
        if (!condition) {
            fail(format, values);
        }
    }

    public boolean hasFailed() {
        return !failures.isEmpty();
    }

    /** Seconds since this part began. */
    public double elapsed() {
        return (System.nanoTime() - started) * 1e-9;
    }

    private void write() {
        if (file == null) {
            return;
        }
        try {
            Path temporary = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(temporary, Json.line(values) + "\n");
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }
}
