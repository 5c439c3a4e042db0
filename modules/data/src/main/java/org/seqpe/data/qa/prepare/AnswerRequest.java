package org.seqpe.data.qa.prepare;

import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.data.qa.corpus.AnswerCorpusKind;

/**
 * Which questions and answers to prepare, and how. Equal requests on equal files give equal datasets, byte for byte.
 *
 * @param inputs files and folders, Hadoop paths
 * @param corpus "auto" or an {@link AnswerCorpusKind}'s id
 * @param textColumn the column or field that holds the text in which needles are hidden
 * @param tokenizer a tokenizer's id
 * @param output folder to make
 * @param ratios shares of the splits, for corpora that have none
 * @param splits splits to make, for corpora that have splits, each of which must exist; empty for all that exist
 * @param seed seed of everything that is drawn
 * @param shardTokens a shard is closed once it has this many tokens
 * @param overwrite whether an existing dataset is replaced
 * @param skipInvalid whether questions that cannot be used are left out and counted instead of causing an error
 * @param options how examples are made
 */
public record AnswerRequest(
        List<String> inputs,
        String corpus,
        String textColumn,
        String tokenizer,
        String output,
        SplitRatios ratios,
        List<String> splits,
        long seed,
        long shardTokens,
        boolean overwrite,
        boolean skipInvalid,
        AnswerOptions options) {
    public static final String AUTO = PrepareRequest.AUTO;

    /** @throws UserException for a value that cannot be */
    public AnswerRequest {
        inputs = List.copyOf(inputs);
        splits = List.copyOf(splits);
        if (!corpus.equals(AUTO)) {
            AnswerCorpusKind.of(corpus);
        }
        if (!splits.isEmpty()) {
            Splits.require(splits);
        }
        if (corpus.equals(AnswerCorpusKind.NEEDLES.id()) && options.padTo().isEmpty()) {
            throw new UserException("Cannot hide needles in texts: expected the lengths of the examples in tokens,"
                    + " such as --pad-to 1024,2048.");
        }
        if (corpus.equals(AnswerCorpusKind.JSONL.id()) && !options.padTo().isEmpty()) {
            throw new UserException(
                    "Cannot make prompts of " + corpus + " longer: they stay as they come. Leave out --pad-to.");
        }
        text(inputs, textColumn, tokenizer, output, ratios, Splits.ALL, seed, shardTokens, skipInvalid);
    }

    /**
     * A request in which everything else is detected or has its default: corpus kind and splits detected, GPT-2's
     * tokens, 98/1/1 splits for corpora without, seed 1, nothing made longer.
     */
    public static Builder of(List<String> inputs, String output) {
        return new Builder(inputs, output);
    }

    /** The request for texts that these examples are made of. */
    PrepareRequest text(List<String> texts, List<String> textSplits) {
        return text(texts, textColumn, tokenizer, output, ratios, textSplits, seed, shardTokens, skipInvalid);
    }

    private static PrepareRequest text(
            List<String> texts,
            String textColumn,
            String tokenizer,
            String output,
            SplitRatios ratios,
            List<String> splits,
            long seed,
            long shardTokens,
            boolean skipInvalid) {
        return PrepareRequest.of(texts, output)
                .textColumn(textColumn)
                .tokenizer(tokenizer)
                .ratios(ratios)
                .splits(splits)
                .seed(seed)
                .shardTokens(shardTokens)
                .skipInvalid(skipInvalid)
                .build();
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
        private SplitRatios ratios = SplitRatios.DEFAULT;
        private List<String> splits = List.of();
        private long seed = 1;
        private long shardTokens = PrepareRequest.DEFAULT_SHARD_TOKENS;
        private boolean overwrite;
        private boolean skipInvalid;
        private AnswerOptions options = AnswerOptions.NONE;

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

        public Builder options(AnswerOptions values) {
            options = values;
            return this;
        }

        /** @throws UserException for a value that cannot be */
        public AnswerRequest build() {
            return new AnswerRequest(
                    inputs,
                    corpus,
                    textColumn,
                    tokenizer,
                    output,
                    ratios,
                    splits,
                    seed,
                    shardTokens,
                    overwrite,
                    skipInvalid,
                    options);
        }
    }
}
