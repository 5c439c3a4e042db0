package org.seqpe.core.config;

import com.typesafe.config.ConfigUtil;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes records as HOCON, with the keys in the order of the record components. It is the inverse of
 * {@link RecordBinder}.
 */
final class HoconText {
    private HoconText() {}

    static String of(String root, Record record) {
        StringBuilder text = new StringBuilder();
        section(root, record, "", text);
        return text.toString();
    }

    private static void section(String key, Record record, String indent, StringBuilder text) {
        text.append(indent).append(key).append(" {\n");
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object value = valueOf(component, record);
            if (value instanceof Record nested) {
                section(Keys.of(component), nested, indent + "  ", text);
            } else {
                text.append(indent)
                        .append("  ")
                        .append(Keys.of(component))
                        .append(" = ")
                        .append(literal(value))
                        .append('\n');
            }
        }
        text.append(indent).append("}\n");
    }

    /** The values by full key, in the form in which they are written. */
    static Map<String, String> values(String root, Record record) {
        Map<String, String> values = new LinkedHashMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            String key = root + "." + Keys.of(component);
            Object value = valueOf(component, record);
            if (value instanceof Record nested) {
                values.putAll(values(key, nested));
            } else {
                values.put(key, literal(value));
            }
        }
        return values;
    }

    /** The keys of {@link #values} that are marked {@link MayChange}, or lie below such a key. */
    static Set<String> changeable(String root, Record record, boolean all) {
        Set<String> keys = new LinkedHashSet<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            String key = root + "." + Keys.of(component);
            boolean marked = all || component.isAnnotationPresent(MayChange.class);
            if (valueOf(component, record) instanceof Record nested) {
                keys.addAll(changeable(key, nested, marked));
            } else if (marked) {
                keys.add(key);
            }
        }
        return keys;
    }

    private static String literal(Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(HoconText::literal).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Enum<?> constant) {
            return Keys.of(constant);
        }
        if (value instanceof Duration time) {
            return time.toMillis() % 1000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
        }
        if (value instanceof Record record) {
            return Arrays.stream(record.getClass().getRecordComponents())
                    .map(component -> Keys.of(component) + " = " + literal(valueOf(component, record)))
                    .collect(Collectors.joining(", ", "{ ", " }"));
        }
        return value instanceof String string ? ConfigUtil.quoteString(string) : String.valueOf(value);
    }

    private static Object valueOf(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot read " + component + ": is the record public?", e);
        }
    }
}
