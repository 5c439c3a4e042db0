package org.seqpe.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.seqpe.core.io.Json;

/** Everything that a report of a problem should say about a machine, section by section. */
public final class Diagnosis {
    private static final String BYTES = "_bytes";
    private static final int KEY_WIDTH = 24;
    private static final String SEPARATOR = ", ";
    /** Characters of a list that has a line for each element. */
    private static final int LONG_LIST = 200;

    private static final double UNIT = 1024;

    private final Map<String, Supplier<Findings>> sections = new LinkedHashMap<>();

    /**
     * @param libraries where native libraries are unpacked
     * @param flaw what the start of the program could not do; empty if it went well
     */
    public Diagnosis(Path libraries, String flaw) {
        sections.put("program", () -> {
            Findings program = ProgramFindings.program();
            return flaw.isEmpty() ? program : program.look("start", () -> flaw);
        });
        sections.put("system", MachineFindings::system);
        sections.put("processor", MachineFindings::processor);
        sections.put("java", ProgramFindings::java);
        sections.put("environment", ProgramFindings::environment);
        sections.put("disks", () -> MachineFindings.disks(libraries));
        sections.put("gpus", GpuFindings::gpus);
        sections.put("libraries", ProgramFindings::libraries);
        sections.put("memory", MachineFindings::memory);
        sections.put("devices", DeviceFindings::devices);
    }

    /** Finds out one section after another, and hands each over as text: what comes later might end the process. */
    public void text(Consumer<String> out) {
        sections.forEach((name, findings) -> {
            StringBuilder text = new StringBuilder(name).append('\n');
            append(text, findings.get().node(), "  ");
            out.accept(text.toString());
        });
    }

    /** All sections as one JSON object. */
    public String json() {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        sections.forEach((name, findings) -> all.set(name, findings.get().node()));
        return Json.pretty(all);
    }

    private static void append(StringBuilder text, ObjectNode node, String indent) {
        node.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue();
            text.append(indent);
            if (value.isObject()) {
                text.append(words(field.getKey())).append('\n');
                append(text, (ObjectNode) value, indent + "  ");
            } else if (value.isArray() && !value.isEmpty() && value.get(0).isObject()) {
                text.append(words(field.getKey())).append('\n');
                value.forEach(element ->
                        text.append(indent).append("  ").append(line(element)).append('\n'));
            } else if (value.isArray()
                    && String.join(SEPARATOR, elements(value)).length() > LONG_LIST) {
                text.append(words(field.getKey())).append('\n');
                elements(value)
                        .forEach(element ->
                                text.append(indent).append("  ").append(element).append('\n'));
            } else {
                text.append(String.format(
                        Locale.ROOT,
                        "%-" + Math.max(1, KEY_WIDTH - indent.length()) + "s %s%n",
                        words(field.getKey()),
                        value(field.getKey(), value)));
            }
        });
    }

    private static String line(JsonNode object) {
        List<String> parts = new ArrayList<>();
        object.fields()
                .forEachRemaining(
                        field -> parts.add(words(field.getKey()) + " " + value(field.getKey(), field.getValue())));
        return String.join(SEPARATOR, parts);
    }

    private static String words(String key) {
        String name = key.endsWith(BYTES) ? key.substring(0, key.length() - BYTES.length()) : key;
        // Variables of the environment have their own names.
        return key.equals(key.toLowerCase(Locale.ROOT)) ? name.replace('_', ' ') : key;
    }

    private static String value(String key, JsonNode value) {
        if (value.isArray()) {
            return value.isEmpty() ? "none" : String.join(SEPARATOR, elements(value));
        }
        if (value.isBoolean()) {
            return value.asBoolean() ? "yes" : "no";
        }
        return value.isNumber() && key.endsWith(BYTES) ? size(value.asLong()) : value.asText();
    }

    private static List<String> elements(JsonNode array) {
        List<String> elements = new ArrayList<>();
        array.forEach(element -> elements.add(element.asText()));
        return elements;
    }

    private static String size(long bytes) {
        double mebibytes = bytes / UNIT / UNIT;
        return mebibytes < UNIT
                ? String.format(Locale.ROOT, "%.0f MiB", mebibytes)
                : String.format(Locale.ROOT, "%.1f GiB", mebibytes / UNIT);
    }
}
