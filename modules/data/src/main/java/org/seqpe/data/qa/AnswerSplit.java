package org.seqpe.data.qa;

import java.io.Closeable;
import java.util.Arrays;
import java.util.List;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.shard.OpenFiles;
import org.seqpe.data.shard.TokenType;

/**
 * The examples of one split, with random access across shards. Everything but tokens and outputs is in memory. Safe for
 * use by several threads.
 */
public final class AnswerSplit implements Closeable {
    private final String name;
    private final String folder;
    private final AnswerShard[] shards;
    private final OpenFiles lines;
    /** The number of the first example of each shard, then that of all examples. */
    private final long[] starts;

    AnswerSplit(String folder, String name, AnswerManifest.Split info, TokenType type) {
        this.name = name;
        this.folder = folder;
        List<AnswerShardInfo> infos = info.shards();
        this.shards = new AnswerShard[infos.size()];
        this.starts = new long[infos.size() + 1];
        try {
            for (int i = 0; i < shards.length; i++) {
                shards[i] = new AnswerShard(folder, infos.get(i), type);
                starts[i + 1] = starts[i] + shards[i].examples();
            }
        } catch (RuntimeException e) {
            closeShards();
            throw e;
        }
        this.lines = new OpenFiles(infos.stream()
                .map(shard -> HadoopFiles.resolve(folder, shard.name() + AnswerShardInfo.JSONL))
                .toList());
    }

    public String name() {
        return name;
    }

    /** The dataset's folder. */
    public String folder() {
        return folder;
    }

    /** The number of examples. */
    public long size() {
        return starts[shards.length];
    }

    /**
     * Tokens of an example's prompt and answer.
     *
     * @throws IndexOutOfBoundsException if there is no such example
     */
    public int tokens(long example) {
        int shard = shardOf(example);
        return shards[shard].tokens(within(example, shard));
    }

    /**
     * The nominal length of an example in tokens; without one, the tokens of prompt and answer.
     *
     * @throws IndexOutOfBoundsException if there is no such example
     */
    public int length(long example) {
        int shard = shardOf(example);
        return shards[shard].length(within(example, shard));
    }

    /**
     * Where the answer stands in the context, from 0 to 1; NaN if unknown.
     *
     * @throws IndexOutOfBoundsException if there is no such example
     */
    public double depth(long example) {
        int shard = shardOf(example);
        return shards[shard].depth(within(example, shard));
    }

    /**
     * Reads an example.
     *
     * @param example its number, from 0
     * @throws IndexOutOfBoundsException if there is no such example
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public AnswerExample example(long example) {
        int number = shardOf(example);
        AnswerShard shard = shards[number];
        int within = within(example, number);
        byte[] bytes = new byte[shard.lineLength(within)];
        lines.read(number, shard.lineStart(within), bytes);
        AnswerLine line = AnswerShard.line(bytes, "example " + example + " of split " + name + " of " + folder);
        return new AnswerExample(
                line.index(),
                shard.prompt(within),
                shard.answer(within),
                List.copyOf(line.outputs()),
                shard.length(within),
                shard.depth(within));
    }

    private int within(long example, int shard) {
        return (int) (example - starts[shard]);
    }

    private int shardOf(long example) {
        if (example < 0 || example >= size()) {
            throw new IndexOutOfBoundsException(
                    "Cannot read example " + example + " of split " + name + ": it has " + size());
        }
        int found = Arrays.binarySearch(starts, example);
        int shard = found >= 0 ? found : -found - 2;
        // A shard without examples begins where the next one does.
        while (starts[shard + 1] == example) {
            shard++;
        }
        return shard;
    }

    private void closeShards() {
        for (AnswerShard shard : shards) {
            if (shard != null) {
                shard.close();
            }
        }
    }

    /** Closes the files. */
    @Override
    public void close() {
        closeShards();
        lines.close();
    }
}
