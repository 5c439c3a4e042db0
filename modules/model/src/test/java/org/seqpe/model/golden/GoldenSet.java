package org.seqpe.model.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Golden vectors: a folder with a manifest.json that lists cases, and one .npz a case. The folder is the one named by
 * {@code -Dseqpe.golden=DIR} (relative to where Maven was started), else src/test/resources/golden, whose NOTES.md says
 * where its numbers come from. Tests select cases by kind and read shapes, seeds and options from each case's config,
 * so that any set of the same kinds can be put in its place.
 */
public final class GoldenSet {
    private static final String FOLDER_PROPERTY = "seqpe.golden";
    /** Surefire starts tests in the module's folder; this says where Maven was started. */
    private static final String START_PROPERTY = "seqpe.start.dir";

    private static final GoldenSet CURRENT = read(configuredFolder());

    private final Path folder;
    private final List<GoldenCase> cases;
    private final JsonNode parameterNames;

    private GoldenSet(Path folder, List<GoldenCase> cases, JsonNode parameterNames) {
        this.folder = folder;
        this.parameterNames = parameterNames;
        this.cases = List.copyOf(cases);
    }

    /** The set this test run uses. */
    public static GoldenSet current() {
        return CURRENT;
    }

    /** Whether it is the project's own set. */
    static boolean isBundled() {
        return System.getProperty(FOLDER_PROPERTY) == null;
    }

    /** The cases of the given kinds, in the manifest's order. */
    public Stream<GoldenCase> cases(String... kinds) {
        return cases.stream().filter(golden -> List.of(kinds).contains(golden.kind()));
    }

    /** Every case, in the manifest's order. */
    public List<GoldenCase> all() {
        return cases;
    }

    /**
     * What the reference calls a parameter that the set's arrays have under a short name such as {@code h3_ln1_w}; more
     * than one name where several of its models share the short one.
     */
    public List<String> referenceNames(String shortName) {
        Matcher layer = Pattern.compile("(pe_)?h(\\d+)_.*").matcher(shortName);
        String number = layer.matches() ? layer.group(2) : "";
        String template = layer.matches() ? shortName.replaceFirst("h\\d+_", "h{i}_") : shortName;
        List<String> names = new ArrayList<>();
        for (JsonNode entry : parameterNames.path(template)) {
            names.add(entry.get("ref").asText().replace("{i}", number));
        }
        return names;
    }

    public Path folder() {
        return folder;
    }

    private static Path configuredFolder() {
        String named = System.getProperty(FOLDER_PROPERTY);
        if (named != null && !named.isBlank()) {
            return Path.of(System.getProperty(START_PROPERTY, "")).resolve(named);
        }
        URL manifest = GoldenSet.class.getResource("/golden/manifest.json");
        if (manifest == null) {
            throw new IllegalStateException(
                    "Cannot find the golden vectors: expected golden/manifest.json on the class path");
        }
        try {
            return Path.of(manifest.toURI()).getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads the manifest of a folder; arrays are read when a case is asked for them.
     *
     * @throws IllegalStateException if there is no manifest or a case lacks its name, kind or file
     */
    static GoldenSet read(Path folder) {
        Path manifest = folder.resolve("manifest.json");
        if (!Files.isRegularFile(manifest)) {
            throw new IllegalStateException("Cannot read golden vectors: expected a manifest.json in "
                    + folder.toAbsolutePath() + " (from -D" + FOLDER_PROPERTY + ")");
        }
        try {
            List<GoldenCase> cases = new ArrayList<>();
            JsonNode root = new ObjectMapper().readTree(manifest.toFile());
            for (JsonNode entry : root.path("cases")) {
                for (String required : List.of("name", "kind", "file", "config")) {
                    if (!entry.has(required)) {
                        throw new IllegalStateException("Cannot read golden vectors: a case without \"" + required
                                + "\" in " + manifest + ": " + entry);
                    }
                }
                cases.add(new GoldenCase(folder.resolve(entry.get("file").asText()), entry));
            }
            return new GoldenSet(folder, cases, root.path("param_names"));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + manifest, e);
        }
    }
}
