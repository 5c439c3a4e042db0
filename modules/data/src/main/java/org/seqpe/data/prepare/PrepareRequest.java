package org.seqpe.data.prepare;

import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.CorpusKind;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.tokenizer.Tokenizers;

/**
 * What to prepare, and how. Equal requests on equal files give equal datasets, byte for byte.
 *
 * @param inputs files and folders, Hadoop paths
 * @param corpus "auto" or a {@link CorpusKind}'s id
 * @param textColumn the column of Parquet files that holds the text
 * @param tokenizer a tokenizer's id
 * @param output folder to make
 * @param separator the token after each document
 * @param ratios shares of the splits, for corpora that have none
 * @param splits splits to make, for corpora that have splits; each must exist
 * @param seed seed of the assignment to splits
 * @param shardTokens a shard is closed once it has this many tokens
 * @param overwrite whether an existing dataset is replaced
 * @param skipInvalid whether documents that are not valid UTF-8 are left out and counted instead of causing an error
 */
public record PrepareRequest(
        List<String> inputs,
        String corpus,
        String textColumn,
        String tokenizer,
        String output,
        Separator separator,
        SplitRatios ratios,
        List<String> splits,
        long seed,
        long shardTokens,
        boolean overwrite,
        boolean skipInvalid) {
    public static final String AUTO = "auto";
    /** 128 MiB of 16-bit tokens. */
    public static final long DEFAULT_SHARD_TOKENS = 1L << 26;
    /** Upper limit, because the document lengths and counts of a whole shard are held in memory. */
    private static final long MOST_SHARD_TOKENS = 1L << 31;

    /** @throws UserException for a value that cannot be */
    public PrepareRequest {
        inputs = List.copyOf(inputs);
        splits = List.copyOf(splits);
        if (inputs.isEmpty()) {
            throw new UserException("Cannot prepare: expected at least one input file or folder.");
        }
        if (!corpus.equals(AUTO)) {
            CorpusKind.of(corpus);
        }
        if (!Tokenizers.ids().contains(tokenizer)) {
            Tokenizers.of(tokenizer);
        }
        Splits.require(splits);
        if (shardTokens < 1 || shardTokens > MOST_SHARD_TOKENS) {
            throw new UserException(
                    "Cannot make shards of " + shardTokens + " tokens: expected 1 to " + MOST_SHARD_TOKENS + ".");
        }
    }

    /**
     * A request in which everything else is detected or has its default: corpus kind detected, GPT-2's tokens,
     * end-of-text separators, 98/1/1 splits, seed 1.
     */
    public static Builder of(List<String> inputs, String output) {
        return new Builder(inputs, output);
    }

    /**
     * Sets the components of a request other than inputs and output. Each method is named after the component that it
     * sets.
     */
    public static final class Builder {
        private final List<String> inputs;
        private final String output;
        private String corpus = AUTO;
        private String textColumn = "text";
        private String tokenizer = "gpt2";
        private Separator separator = Separator.END_OF_TEXT;
        private SplitRatios ratios = SplitRatios.DEFAULT;
        private List<String> splits = Splits.ALL;
        private long seed = 1;
        private long shardTokens = DEFAULT_SHARD_TOKENS;
        private boolean overwrite;
        private boolean skipInvalid;

        private Builder(List<String> inputs, String output) {
            this.inputs = inputs;
            this.output = output;
        }

        public Builder corpus(String kind) {
            corpus = kind;
            return this;
        }

        public Builder textColumn(String column) {
            textColumn = column;
            return this;
        }

        public Builder tokenizer(String id) {
            tokenizer = id;
            return this;
        }

        public Builder separator(Separator after) {
            separator = after;
            return this;
        }

        public Builder ratios(SplitRatios shares) {
            ratios = shares;
            return this;
        }

        public Builder splits(List<String> names) {
            splits = names;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder shardTokens(long tokens) {
            shardTokens = tokens;
            return this;
        }

        public Builder overwrite(boolean value) {
            overwrite = value;
            return this;
        }

        public Builder skipInvalid(boolean value) {
            skipInvalid = value;
            return this;
        }

        /** @throws UserException for a value that cannot be */
        public PrepareRequest build() {
            return new PrepareRequest(
                    inputs,
                    corpus,
                    textColumn,
                    tokenizer,
                    output,
                    separator,
                    ratios,
                    splits,
                    seed,
                    shardTokens,
                    overwrite,
                    skipInvalid);
        }
    }
}
