package org.seqpe.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SortedMap;
import org.seqpe.core.UserException;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

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
    public static final String FILE = ManifestFile.NAME;

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
     * @param hash {@link Tokenizer#hash}
     * @param vocabularySize V
     * @param endOfText the id that ends a text, or -1
     */
    public record TokenizerInfo(String id, String hash, int vocabularySize, int endOfText) {

        /** What a manifest says about a tokenizer. */
        public static TokenizerInfo of(Tokenizer tokenizer) {
            return new TokenizerInfo(
                    tokenizer.id(), tokenizer.hash(), tokenizer.vocabularySize(), tokenizer.endOfText());
        }

        /**
         * The tokenizer that made the tokens of a dataset.
         *
         * @param folder the dataset, for messages
         * @throws UserException if this version's tokenizer of that name gives other ids
         */
        public Tokenizer open(String folder) {
            Tokenizer tokenizer;
            try {
                tokenizer = Tokenizers.of(id);
            } catch (UserException e) {
                throw new UserException(
                        "Cannot read the tokens of " + folder
                                + ": its manifest names a tokenizer that this version does not have. " + e.getMessage(),
                        e);
            }
            if (!tokenizer.hash().equals(hash)) {
                throw new UserException("Cannot read the tokens of " + folder + ": they were made by tokenizer " + id
                        + " with vocabulary sha256 " + hash + ", found " + tokenizer.hash()
                        + ". Prepare the data again.");
            }
            return tokenizer;
        }
    }

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
        private void require(String name, ManifestFile file) {
            long ofShards = 0;
            long documentsOfShards = 0;
            for (ShardInfo shard : shards) {
                if (shard == null
                        || !ManifestFile.isPlain(shard.name())
                        || shard.tokens() < 0
                        || shard.documents() < 0) {
                    throw file.contradiction("expected shards of split " + name
                            + " with names of files in the same folder and counts from 0 on, found " + shard);
                }
                ofShards += shard.tokens();
                documentsOfShards += shard.documents();
            }
            if (ofShards != tokens || documentsOfShards != documents) {
                throw file.contradiction("expected split " + name + " to have the " + ofShards + " tokens and "
                        + documentsOfShards + " documents of its shards, found " + tokens + " and " + documents);
            }
        }
    }

    /** @throws UserException if it is not a manifest of tokens, or not of this version */
    public static DatasetManifest of(ManifestFile file) {
        JsonNode tree = file.require(ManifestFile.Kind.TEXT, FORMAT_VERSION);
        if (tree.path("corpus") instanceof ObjectNode corpus) {
            // Older manifests have neither field.
            corpus.putIfAbsent("leftOut", corpus.objectNode());
            corpus.putIfAbsent("shared", corpus.objectNode());
        }
        DatasetManifest manifest = file.convert(tree, DatasetManifest.class);
        manifest.splits.forEach((name, split) -> split.require(name, file));
        return manifest;
    }

    /** The file's text: the same for equal manifests. */
    public String toJson() {
        return ManifestFile.text(this);
    }
}
