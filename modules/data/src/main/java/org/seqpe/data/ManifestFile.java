package org.seqpe.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/**
 * The manifest.json of a folder that {@code seqpe prepare} made, whatever it holds: its place, its kind and its hash.
 * The manifest holds the SHA-256 of every other file, so its own SHA-256 identifies the data.
 */
public final class ManifestFile {
    public static final String NAME = "manifest.json";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final String REMEDY = ". Restore the manifest or prepare the data again.";

    /** What a dataset holds. */
    public enum Kind {
        /** Tokens; its manifest has no field {@code kind}. */
        TEXT("text"),
        /** Pictures with the class of each. */
        IMAGES("images"),
        /** Prompts with the answers to their questions. */
        ANSWERS("answers");

        private final String id;

        Kind(String id) {
            this.id = id;
        }

        /** The value of the field {@code kind}, and its name in messages. */
        public String id() {
            return id;
        }
    }

    private final String folder;
    private final JsonNode tree;
    private final String hash;

    private ManifestFile(String folder, JsonNode tree, String hash) {
        this.folder = folder;
        this.tree = tree;
        this.hash = hash;
    }

    /** Whether a folder has a manifest. */
    public static boolean isIn(String folder) {
        return HadoopFiles.exists(path(folder));
    }

    private static String path(String folder) {
        return HadoopFiles.resolve(folder, NAME);
    }

    /** @throws UserException if the folder has no manifest, or it is no JSON */
    public static ManifestFile read(String folder) {
        if (!isIn(folder)) {
            throw new UserException("Cannot open the dataset " + folder
                    + ": expected a folder made by 'seqpe prepare', found no " + NAME + " in it.");
        }
        byte[] bytes = HadoopFiles.readBytes(path(folder));
        String hash = HexFormat.of().formatHex(HadoopFiles.newSha256().digest(bytes));
        try {
            return new ManifestFile(folder, JSON.readTree(new String(bytes, StandardCharsets.UTF_8)), hash);
        } catch (JsonProcessingException e) {
            throw unreadable(path(folder), e);
        }
    }

    /** The folder that holds it. */
    public String folder() {
        return folder;
    }

    /** Its path, for messages. */
    public String path() {
        return path(folder);
    }

    /** SHA-256 of the file, in lower-case hexadecimal digits. */
    public String hash() {
        return hash;
    }

    /** @throws UserException for a kind that this version does not know */
    public Kind kind() {
        JsonNode kind = tree.path("kind");
        if (kind.isMissingNode()) {
            return Kind.TEXT;
        }
        for (Kind known : Kind.values()) {
            if (known != Kind.TEXT && known.id.equals(kind.asText())) {
                return known;
            }
        }
        throw new UserException(
                "Cannot read " + path() + ": expected data of the kind " + Kind.IMAGES.id + " or " + Kind.ANSWERS.id
                        + ", or no field 'kind' for text, found " + kind + ". Use the version of seqpe that made it.");
    }

    /**
     * The manifest as JSON.
     *
     * @throws UserException if it is of another kind or of another version
     */
    public JsonNode require(Kind expected, int version) {
        if (kind() != expected) {
            throw new UserException("Cannot use the dataset " + folder + " as " + expected.id + ": it holds "
                    + kind().id
                    + ". Choose a dataset of " + expected.id + ", or the command or configuration for " + kind().id
                    + ".");
        }
        JsonNode found = tree.path("formatVersion");
        if (found.asInt(-1) != version) {
            throw new UserException("Cannot read " + path() + ": expected formatVersion " + version + ", found " + found
                    + ". Prepare the data again with this version of seqpe.");
        }
        return tree;
    }

    /**
     * Converts JSON from this file.
     *
     * @throws UserException if it does not fit the type; the message names the file and what is wrong
     */
    public <T> T convert(JsonNode content, Class<T> type) {
        try {
            return JSON.treeToValue(content, type);
        } catch (JsonProcessingException e) {
            throw unreadable(path(), e);
        }
    }

    /** An exception for a manifest whose content contradicts itself. */
    public UserException contradiction(String problem) {
        return new UserException("Cannot read " + path() + ": " + problem + REMEDY);
    }

    /**
     * Refuses data that differs from the data with which a run began.
     *
     * @param expected the hash that the run recorded
     * @throws UserException if it is not this one
     */
    public void requireHash(String expected) {
        if (!hash.equals(expected)) {
            throw new UserException(
                    "Cannot use the dataset " + folder + ": the run was made with data of manifest sha256 " + expected
                            + ", found " + hash + ". Use the same data, or another run folder for this one.");
        }
    }

    /** Whether a shard's name is that of a file in the dataset's own folder. */
    public static boolean isPlain(String name) {
        return !name.isEmpty() && !name.contains("/") && !name.startsWith(".");
    }

    /** The text of a manifest: the same for equal content. */
    public static String text(Object manifest) {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        printer.indentObjectsWith(lines);
        printer.indentArraysWith(lines);
        try {
            return JSON.writer(printer).writeValueAsString(manifest) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static UserException unreadable(String path, JsonProcessingException e) {
        String place =
                e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
        String problem = e.getOriginalMessage().split(";|\\(through")[0].strip();
        return new UserException("Cannot read " + path + place + ": " + problem + REMEDY, e);
    }
}
