package org.seqpe.core.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;

/**
 * Builds records from HOCON objects. The record components define the keys, so no other list of keys exists. Components
 * may be int, long, double, boolean, String, Duration, enums (in kebab-case), records, and lists of these.
 */
final class RecordBinder {
    private static final Set<String> TRUE = Set.of("true", "yes", "on");
    private static final Set<String> FALSE = Set.of("false", "no", "off");
    private final List<String> knownKeys;

    /** @param knownKeys full keys to suggest in place of an unknown one */
    RecordBinder(List<String> knownKeys) {
        this.knownKeys = knownKeys;
    }

    /**
     * @param path full key of the object
     * @throws UserException if a key is unknown or missing, or a value has the wrong type
     * @throws ConfigProblem if a record refuses its values; keys are relative to the object
     */
    <R> R bind(Class<R> type, ConfigObject object, String path) {
        RecordComponent[] components = type.getRecordComponents();
        refuseUnknown(components, object, path);
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            String key = Keys.of(components[i]);
            ConfigValue value = object.get(key);
            if (value == null) {
                throw new UserException(
                        "Cannot read the configuration: expected a value for " + path + "." + key + ", found none.");
            }
            try {
                values[i] = convert(components[i].getGenericType(), value, path + "." + key);
            } catch (ConfigProblem problem) {
                throw problem.under(key);
            }
        }
        return construct(type, components, values);
    }

    private void refuseUnknown(RecordComponent[] components, ConfigObject object, String path) {
        Set<String> names = Arrays.stream(components).map(Keys::of).collect(Collectors.toSet());
        for (var entry : object.entrySet()) {
            if (!names.contains(entry.getKey())) {
                String full = path + "." + entry.getKey();
                String suggestion = Keys.nearest(full, knownKeys)
                        .map(near -> "did you mean " + near + "?")
                        .orElse("keys here are " + names.stream().sorted().collect(Collectors.joining(", ")) + ".");
                throw new UserException("Cannot read the configuration: unknown key " + full + " ("
                        + Places.of(entry.getValue()) + "); " + suggestion);
            }
        }
    }

    private Object convert(Type type, ConfigValue value, String key) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            return list(generic.getActualTypeArguments()[0], value, key);
        }
        Class<?> wanted = (Class<?>) type;
        if (wanted.isRecord()) {
            if (value instanceof ConfigObject object) {
                return bind(wanted, object, key);
            }
            throw wrongType("a section { ... }", value, key);
        }
        if (value.valueType() == ConfigValueType.OBJECT
                || value.valueType() == ConfigValueType.LIST
                || value.valueType() == ConfigValueType.NULL) {
            throw wrongType(describe(wanted), value, key);
        }
        return scalar(wanted, value, key);
    }

    private List<Object> list(Type element, ConfigValue value, String key) {
        if (!(value instanceof ConfigList elements)) {
            throw wrongType("a list [...] of " + describe((Class<?>) element), value, key);
        }
        List<Object> converted = new ArrayList<>();
        for (ConfigValue one : elements) {
            try {
                converted.add(convert(element, one, key));
            } catch (ConfigProblem problem) {
                throw new ConfigProblem(problem.getMessage(), List.of(ConfigProblem.SELF));
            }
        }
        return converted;
    }

    private static Object scalar(Class<?> wanted, ConfigValue value, String key) {
        String text = String.valueOf(value.unwrapped());
        try {
            if (wanted == int.class || wanted == Integer.class) {
                return new BigDecimal(text).intValueExact();
            }
            if (wanted == long.class || wanted == Long.class) {
                return new BigDecimal(text).longValueExact();
            }
            if (wanted == double.class || wanted == Double.class) {
                return new BigDecimal(text).doubleValue();
            }
        } catch (ArithmeticException | NumberFormatException e) {
            throw wrongType(describe(wanted), value, key);
        }
        if (wanted == boolean.class || wanted == Boolean.class) {
            if (TRUE.contains(text) || FALSE.contains(text)) {
                return TRUE.contains(text);
            }
            throw wrongType(describe(wanted), value, key);
        }
        if (wanted == Duration.class) {
            return duration(text, value, key);
        }
        if (wanted.isEnum()) {
            return Arrays.stream(wanted.getEnumConstants())
                    .filter(constant -> Keys.of((Enum<?>) constant).equals(text))
                    .findFirst()
                    .orElseThrow(() -> wrongType(describe(wanted), value, key));
        }
        if (wanted == String.class) {
            return text;
        }
        throw new IllegalStateException("Cannot bind " + key + ": components of type " + wanted + " are not supported");
    }

    /** Requires a unit, because HOCON reads a bare number as milliseconds and most people read it as seconds. */
    private static Duration duration(String text, ConfigValue value, String key) {
        if (!text.equals("0") && text.chars().allMatch(Character::isDigit)) {
            throw wrongType(describe(Duration.class), value, key);
        }
        try {
            return value.atKey("duration").getDuration("duration");
        } catch (ConfigException e) {
            throw wrongType(describe(Duration.class), value, key);
        }
    }

    private static String describe(Class<?> wanted) {
        if (wanted.isRecord()) {
            return "sections { "
                    + Arrays.stream(wanted.getRecordComponents()).map(Keys::of).collect(Collectors.joining(", "))
                    + " }";
        }
        if (wanted == int.class || wanted == Integer.class || wanted == long.class || wanted == Long.class) {
            return "a whole number";
        }
        if (wanted == double.class || wanted == Double.class) {
            return "a number";
        }
        if (wanted.isEnum()) {
            return "one of "
                    + Arrays.stream(wanted.getEnumConstants())
                            .map(constant -> Keys.of((Enum<?>) constant))
                            .collect(Collectors.joining(", "));
        }
        if (wanted == Duration.class) {
            return "a time with its unit, such as 90m or 2h";
        }
        return wanted == String.class ? "a text" : "true or false";
    }

    private static UserException wrongType(String expected, ConfigValue found, String key) {
        String shown =
                switch (found.valueType()) {
                    case OBJECT -> "a section";
                    case LIST -> "the list " + found.unwrapped();
                    case STRING -> "\"" + found.unwrapped() + "\"";
                    default -> String.valueOf(found.unwrapped());
                };
        return new UserException(
                "Cannot read " + key + ": expected " + expected + ", found " + shown + " (" + Places.of(found) + ").");
    }

    private static <R> R construct(Class<R> type, RecordComponent[] components, Object[] values) {
        try {
            Constructor<R> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("Cannot make a " + type.getSimpleName(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot make a " + type.getSimpleName() + ": is the record public?", e);
        }
    }
}
