package org.seqpe.data.qa;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.seqpe.data.corpus.JsonLines;
import org.seqpe.data.shard.SequenceIndex;
import org.seqpe.data.shard.StoredFile;
import org.seqpe.data.shard.TokenFile;
import org.seqpe.data.shard.TokenType;

/** One shard of a split: its index in memory, about 36 bytes an example, and its open tokens. */
final class AnswerShard implements Closeable {
    private final SequenceIndex sequences;
    private final TokenFile tokens;
    /** The first token of each example in {@code .bin}. */
    private final long[] tokenStarts;
    /** The first byte of each example's line in {@code .jsonl}, then its length. */
    private final long[] lineStarts;
    /** Nominal lengths, or 0. */
    private final int[] lengths;
    /** NaN where unknown. */
    private final double[] depths;

    AnswerShard(String folder, AnswerShardInfo info, TokenType type) {
        String path = HadoopFiles.resolve(folder, info.name());
        this.sequences = SequenceIndex.read(path, info.sequences(), type);
        int examples = Math.toIntExact(info.counts().examples());
        this.tokenStarts = new long[examples];
        this.lineStarts = new long[examples + 1];
        this.lengths = new int[examples];
        this.depths = new double[examples];
        for (int i = 1; i < examples; i++) {
            tokenStarts[i] = tokenStarts[i - 1] + tokens(i - 1);
        }
        info.jsonl().requireLength(path + AnswerShardInfo.JSONL);
        readLines(path + AnswerShardInfo.JSONL);
        this.tokens = TokenFile.open(path + ".bin", info.counts().tokens(), type);
    }

    private void readLines(String path) {
        int[] read = new int[1];
        try {
            JsonLines.read(path, (line, number, place) -> {
                StoredFile.requireEqual(path, "lines at least", Math.max(number, lengths.length), lengths.length);
                AnswerLine answer = line(line, place);
                lineStarts[read[0] + 1] = lineStarts[read[0]] + line.length;
                lengths[read[0]] = answer.length() == null ? 0 : answer.length();
                depths[read[0]] = answer.depth() == null ? Double.NaN : answer.depth();
                read[0]++;
            });
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + ": " + e.getMessage(), e);
        }
        StoredFile.requireEqual(path, "lines", lengths.length, read[0]);
    }

    /** Parses a line of {@code .jsonl}. */
    static AnswerLine line(byte[] line, String place) {
        return Json.parse(new String(line, StandardCharsets.UTF_8), AnswerLine.class, place);
    }

    int examples() {
        return lengths.length;
    }

    /** Tokens of prompt and answer. */
    int tokens(int example) {
        return promptTokens(example) + answerTokens(example);
    }

    private int promptTokens(int example) {
        return sequences.size(AnswerShardInfo.SEQUENCES_PER_EXAMPLE * example);
    }

    private int answerTokens(int example) {
        return sequences.size(AnswerShardInfo.SEQUENCES_PER_EXAMPLE * example + 1);
    }

    int length(int example) {
        return lengths[example] == 0 ? tokens(example) : lengths[example];
    }

    double depth(int example) {
        return depths[example];
    }

    int[] prompt(int example) {
        int[] prompt = new int[promptTokens(example)];
        tokens.read(tokenStarts[example], prompt, 0, prompt.length);
        return prompt;
    }

    int[] answer(int example) {
        int[] answer = new int[answerTokens(example)];
        tokens.read(tokenStarts[example] + promptTokens(example), answer, 0, answer.length);
        return answer;
    }

    /** Where an example's line begins. */
    long lineStart(int example) {
        return lineStarts[example];
    }

    int lineLength(int example) {
        return Math.toIntExact(lineStarts[example + 1] - lineStarts[example]);
    }

    @Override
    public void close() {
        tokens.close();
    }
}
