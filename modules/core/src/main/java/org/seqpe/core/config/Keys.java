package org.seqpe.core.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The names that records, their components and enums have in configuration files: stepsPerRound is steps-per-round. */
final class Keys {
    private Keys() {}

    static String of(RecordComponent component) {
        return component.getName().replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    static String of(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The keys of a record's values, with those of nested records, in the order of declaration. */
    static List<String> leaves(Class<?> record, String prefix) {
        List<String> keys = new ArrayList<>();
        for (RecordComponent component : record.getRecordComponents()) {
            String key = prefix + "." + of(component);
            if (component.getType().isRecord()) {
                keys.addAll(leaves(component.getType(), key));
            } else {
                keys.add(key);
            }
        }
        return keys;
    }

    /**
     * The known key that the user who wrote {@code unknown} most likely meant: one with the same or a similar last
     * name, preferably in the same section.
     */
    static Optional<String> nearest(String unknown, List<String> known) {
        String name = lastName(unknown);
        int mostEdits = Math.max(2, name.length() / 3);
        return known.stream()
                .filter(key -> edits(name, lastName(key)) <= mostEdits)
                .min(Comparator.<String>comparingInt(key -> edits(name, lastName(key)))
                        .thenComparingInt(key -> edits(unknown, key)));
    }

    private static String lastName(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    /** Levenshtein distance: insertions, deletions and replacements that turn a into b. */
    private static int edits(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
