package org.seqpe.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;

/**
 * Reads a {@link RunConfig} from HOCON: {@code --set} overrides take precedence over the file, and the file over the
 * defaults in reference.conf. All keys are under the root {@code seqpe}. Files may lie on any Hadoop path and include
 * others relative to themselves; {@code ${VAR}} reads the environment. Invalid input throws a {@link UserException}
 * that names the key, the file and line, what was expected and what was found.
 */
public final class ConfigReader {
    /** The root of every key. */
    public static final String ROOT = "seqpe";

    private static final List<String> KNOWN_KEYS = Keys.leaves(RunConfig.class, ROOT);

    private ConfigReader() {}

    /**
     * @param path the configuration file
     * @param overrides {@code key=value} texts that take precedence over the file; the key may omit the root
     */
    public static RunConfig read(String path, List<String> overrides) {
        return bind(HoconFiles.read(path), overrides);
    }

    public static RunConfig read(String path) {
        return read(path, List.of());
    }

    /**
     * Like {@link #read(String, List)}, but for the configuration that was saved with a run. Keys that did not exist
     * then get the value that matches the behaviour of that time.
     */
    public static RunConfig readSaved(String path, List<String> overrides) {
        return bind(HoconFiles.read(path).withFallback(resource("/earlier.conf")), overrides);
    }

    /** The defaults with overrides. {@code data.path} has no default. */
    public static RunConfig defaults(List<String> overrides) {
        return bind(ConfigFactory.empty(), overrides);
    }

    /** Every key with its root, in the order of the records. */
    public static List<String> keys() {
        return KNOWN_KEYS;
    }

    private static RunConfig bind(Config file, List<String> overrides) {
        Config config = file.withFallback(resource("/reference.conf"));
        for (String override : overrides) {
            config = override(override).withFallback(config);
        }
        try {
            config = config.resolve();
        } catch (ConfigException e) {
            throw new UserException("Cannot read the configuration: " + e.getMessage(), e);
        }
        refuseOtherRoots(config.root());
        if (!(config.root().get(ROOT) instanceof ConfigObject root)) {
            throw new UserException("Cannot read the configuration: expected a section " + ROOT
                    + " { ... }, found a value (" + Places.of(config.root().get(ROOT)) + ").");
        }
        try {
            return new RecordBinder(KNOWN_KEYS).bind(RunConfig.class, root, ROOT);
        } catch (ConfigProblem problem) {
            throw withPlaces(problem.under(ROOT), config);
        }
    }

    private static Config resource(String name) {
        return ConfigFactory.parseReader(
                new InputStreamReader(ConfigReader.class.getResourceAsStream(name), StandardCharsets.UTF_8),
                ConfigParseOptions.defaults().setOriginDescription(Places.DEFAULTS));
    }

    /** Values are taken literally, except lists, sections and quoted texts, which are HOCON. */
    private static Config override(String text) {
        String place = Places.OVERRIDE + text;
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new UserException("Cannot use " + place + ": expected key=value, such as --set train.steps=1000.");
        }
        String key = text.substring(0, equals).strip();
        String value = text.substring(equals + 1).strip();
        try {
            List<String> path = ConfigUtil.splitPath(key);
            String rooted = path.get(0).equals(ROOT) ? key : ROOT + "." + key;
            if (value.startsWith("[") || value.startsWith("{") || value.startsWith("\"")) {
                return ConfigFactory.parseReader(
                        new StringReader(rooted + " = " + value),
                        ConfigParseOptions.defaults().setOriginDescription(place));
            }
            return ConfigValueFactory.fromAnyRef(value)
                    .withOrigin(ConfigOriginFactory.newSimple(place))
                    .atPath(rooted);
        } catch (ConfigException e) {
            throw new UserException("Cannot use " + place + ": " + e.getMessage(), e);
        }
    }

    private static void refuseOtherRoots(ConfigObject top) {
        for (var entry : top.entrySet()) {
            if (!entry.getKey().equals(ROOT)) {
                throw new UserException("Cannot read the configuration: unknown key " + entry.getKey() + " ("
                        + Places.of(entry.getValue()) + "); every key stands under " + ROOT + " { ... }.");
            }
        }
    }

    private static UserException withPlaces(ConfigProblem problem, Config config) {
        String keys = problem.keys().stream()
                .map(key -> {
                    ConfigValue value = config.getValue(key);
                    return key + " = " + (value.unwrapped().equals("") ? "\"\"" : value.unwrapped()) + " ("
                            + Places.of(value) + ")";
                })
                .collect(Collectors.joining(", "));
        return new UserException("Cannot use " + keys + ": " + problem.problem() + ".", problem);
    }
}
