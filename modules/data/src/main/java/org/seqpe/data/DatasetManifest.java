package org.seqpe.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SortedMap;
import org.seqpe.core.UserException;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.text.encoding.TextCounts;

/**
 * manifest.json of a prepared dataset: what it was made from and what it holds.
 *
 * @param formatVersion version of this layout, {@value #FORMAT_VERSION}
 * @param corpus where the text came from
 * @param tokenizer the tokenizer that defines the ids
 * @param separator the id after every document, or -1 for none
 * @param tokenType how tokens are stored
 * @param splits by name
 */
public record DatasetManifest(
        int formatVersion,
        Corpus corpus,
        TokenizerInfo tokenizer,
        int separator,
        TokenType tokenType,
        SortedMap<String, Split> splits) {
    public static final int FORMAT_VERSION = 1;
    public static final String FILE = "manifest.json";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                            DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /**
     * @param kind layout of the text, by its name in {@code prepare --corpus}
     * @param name last part of the input's path
     * @param files files read
     * @param bytes their total length, as stored
     * @param splitRule how documents came to their splits
     * @param leftOut files of the input that were not read, by reason
     * @param shared counts of documents that are in several splits, by description of the overlap; very short texts are
     *     not compared
     */
    public record Corpus(
            String kind,
            String name,
            long files,
            long bytes,
            String splitRule,
            SortedMap<String, Files> leftOut,
            SortedMap<String, Long> shared) {}

    /**
     * @param files how many
     * @param bytes their total length, as stored
     */
    public record Files(long files, long bytes) {
        /** Both together. */
        public Files plus(Files other) {
            return new Files(files + other.files, bytes + other.bytes);
        }
    }

    /**
     * @param id its name in {@code prepare --tokenizer}
     * @param hash {@link org.seqpe.data.tokenizer.Tokenizer#hash}
     * @param vocabularySize V
     * @param endOfText the id that ends a text, or -1
     */
    public record TokenizerInfo(String id, String hash, int vocabularySize, int endOfText) {}

    /**
     * @param documents documents kept
     * @param tokens tokens, separators included
     * @param text the text of the documents kept
     * @param skipped documents left out, by reason
     * @param shards in the order of the documents
     */
    public record Split(
            long documents, long tokens, TextCounts text, SortedMap<String, Long> skipped, List<ShardInfo> shards) {

        /** Refuses impossible counts, and names that point outside the dataset's folder. */
        private void require(String name, String where) {
            long ofShards = 0;
            long documentsOfShards = 0;
            for (ShardInfo shard : shards) {
                boolean plain = shard != null
                        && !shard.name().isEmpty()
                        && !shard.name().contains("/")
                        && !shard.name().startsWith(".");
                if (!plain || shard.tokens() < 0 || shard.documents() < 0) {
                    throw new UserException("Cannot read " + where + ": expected shards of split " + name
                            + " with names of files in the same folder and counts from 0 on, found " + shard
                            + ". Restore the manifest or prepare the data again.");
                }
                ofShards += shard.tokens();
                documentsOfShards += shard.documents();
            }
            if (ofShards != tokens || documentsOfShards != documents) {
                throw new UserException("Cannot read " + where + ": expected split " + name + " to have the " + ofShards
                        + " tokens and " + documentsOfShards + " documents of its shards, found " + tokens + " and "
                        + documents + ". Restore the manifest or prepare the data again.");
            }
        }
    }

    /**
     * @param content the file's text
     * @param where the file's path, for messages
     * @throws UserException if it is not a manifest of this version
     */
    public static DatasetManifest parse(String content, String where) {
        try {
            JsonNode tree = JSON.readTree(content);
            int version = tree.path("formatVersion").asInt(-1);
            if (version != FORMAT_VERSION) {
                throw new UserException(
                        "Cannot read " + where + ": expected formatVersion " + FORMAT_VERSION + ", found "
                                + tree.path("formatVersion") + ". Prepare the data again with this version of seqpe.");
            }
            if (tree.path("corpus") instanceof ObjectNode corpus) {
                // Older manifests have neither field.
                corpus.putIfAbsent("leftOut", corpus.objectNode());
                corpus.putIfAbsent("shared", corpus.objectNode());
            }
            DatasetManifest manifest = JSON.treeToValue(tree, DatasetManifest.class);
            manifest.splits.forEach((name, split) -> split.require(name, where));
            return manifest;
        } catch (JsonProcessingException e) {
            String place =
                    e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
            String problem = e.getOriginalMessage().split(";|\\(through")[0].strip();
            throw new UserException(
                    "Cannot read " + where + place + ": " + problem
                            + ". Restore the manifest or prepare the data again.",
                    e);
        }
    }

    /** The file's text: the same for equal manifests. */
    public String toJson() {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        printer.indentObjectsWith(lines);
        printer.indentArraysWith(lines);
        try {
            return JSON.writer(printer).writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
