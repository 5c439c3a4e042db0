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
 * @param inputs      files and folders, Hadoop paths
 * @param corpus      "auto" or a {@link CorpusKind}'s id
 * @param textColumn  the column of Parquet files that holds the text
 * @param tokenizer   a tokenizer's id
 * @param output      folder to make
 * @param separator   what stands after each document
 * @param ratios      shares of the splits, for corpora that have none of their own
 * @param splits      splits to make, for corpora that have their own; each must be there
 * @param seed        of the assignment to splits
 * @param shardTokens a shard is closed once it has this many tokens
 * @param overwrite   whether a dataset that is already there is replaced
 * @param skipInvalid whether documents that are no valid UTF-8 are left out and counted, rather than an error
 */
public record PrepareRequest(List<String> inputs, String corpus, String textColumn, String tokenizer, String output, Separator separator, SplitRatios ratios,
                             List<String> splits, long seed, long shardTokens, boolean overwrite, boolean skipInvalid) {
    public static final String AUTO = "auto";
    /** 128 MiB of 16-bit tokens. */
    public static final long DEFAULT_SHARD_TOKENS = 1L << 26;
    /** Document lengths and the like are kept in memory a shard at a time. */
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
        if (splits.isEmpty() || !Splits.ALL.containsAll(splits) || splits.stream().distinct().count() < splits.size()) {
            throw new UserException("Cannot make the splits " + splits + ": expected some of " + Splits.ALL + ", each once.");
        }
        if (shardTokens < 1 || shardTokens > MOST_SHARD_TOKENS) {
            throw new UserException("Cannot make shards of " + shardTokens + " tokens: expected 1 to " + MOST_SHARD_TOKENS + ".");
        }
    }

    /** Everything found out or by default: corpus kind detected, GPT-2's tokens, end-of-text separators, 98/1/1 splits, seed 1. */
    public static PrepareRequest of(List<String> inputs, String output) {
        return new PrepareRequest(inputs, AUTO, "text", "gpt2", output, Separator.END_OF_TEXT, SplitRatios.DEFAULT, Splits.ALL, 1,
                DEFAULT_SHARD_TOKENS, false, false);
    }

    public PrepareRequest withCorpus(String kind) {
        return new PrepareRequest(inputs, kind, textColumn, tokenizer, output, separator, ratios, splits, seed, shardTokens, overwrite, skipInvalid);
    }

    public PrepareRequest withTextColumn(String column) {
        return new PrepareRequest(inputs, corpus, column, tokenizer, output, separator, ratios, splits, seed, shardTokens, overwrite, skipInvalid);
    }

    public PrepareRequest withTokenizer(String id) {
        return new PrepareRequest(inputs, corpus, textColumn, id, output, separator, ratios, splits, seed, shardTokens, overwrite, skipInvalid);
    }

    public PrepareRequest withOutput(String folder) {
        return new PrepareRequest(inputs, corpus, textColumn, tokenizer, folder, separator, ratios, splits, seed, shardTokens, overwrite, skipInvalid);
    }

    public PrepareRequest withSeparator(Separator after) {
        return new PrepareRequest(inputs, corpus, textColumn, tokenizer, output, after, ratios, splits, seed, shardTokens, overwrite, skipInvalid);
    }

    public PrepareRequest withRatios(SplitRatios shares) {
        return new PrepareRequest(inputs, corpus, textColumn, tokenizer, output, separator, shares, splits, seed, shardTokens, overwrite, skipInvalid);
    }

    public PrepareRequest withSplits(List<String> names) {
        return new PrepareRequest(inputs, corpus, textColumn, tokenizer, output, separator, ratios, names, seed, shardTokens, overwrite, skipInvalid);
    }

    public PrepareRequest withSeed(long value) {
        return new PrepareRequest(inputs, corpus, textColumn, tokenizer, output, separator, ratios, splits, value, shardTokens, overwrite, skipInvalid);
    }

    public PrepareRequest withShardTokens(long tokens) {
        return new PrepareRequest(inputs, corpus, textColumn, tokenizer, output, separator, ratios, splits, seed, tokens, overwrite, skipInvalid);
    }

    public PrepareRequest withOverwrite(boolean value) {
        return new PrepareRequest(inputs, corpus, textColumn, tokenizer, output, separator, ratios, splits, seed, shardTokens, value, skipInvalid);
    }

    public PrepareRequest withSkipInvalid(boolean value) {
        return new PrepareRequest(inputs, corpus, textColumn, tokenizer, output, separator, ratios, splits, seed, shardTokens, overwrite, value);
    }
}
