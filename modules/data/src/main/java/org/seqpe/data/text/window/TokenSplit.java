package org.seqpe.data.text.window;

import java.io.Closeable;
import java.util.Arrays;
import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.shard.ShardIndex;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.shard.TokenFile;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.tokenizer.Tokenizer;

/** One split of a dataset as a single stream of tokens, across documents and shards. */
public final class TokenSplit implements TokenSequence, Closeable {
    private final TokenDataset dataset;
    private final String name;
    private final DatasetManifest.Split info;
    private final TokenFile[] files;
    /** The position at which each shard begins, then the end of the last shard. */
    private final long[] starts;

    TokenSplit(TokenDataset dataset, String name, DatasetManifest.Split info) {
        this.dataset = dataset;
        this.name = name;
        this.info = info;
        List<ShardInfo> shards = info.shards();
        this.files = new TokenFile[shards.size()];
        this.starts = new long[shards.size() + 1];
        TokenType type = dataset.manifest().tokenType();
        for (int i = 0; i < files.length; i++) {
            ShardIndex.check(path(shards.get(i)), shards.get(i), type);
            starts[i + 1] = starts[i] + shards.get(i).tokens();
        }
        if (tokens() != info.tokens()) {
            throw new UserException("Cannot open split " + name + " of " + dataset.folder() + ": its manifest promises "
                    + info.tokens() + " tokens, but its shards have " + tokens()
                    + ". Restore the manifest or prepare the data again.");
        }
        for (int i = 0; i < files.length; i++) {
            files[i] =
                    TokenFile.open(path(shards.get(i)) + ".bin", shards.get(i).tokens(), type);
        }
    }

    private String path(ShardInfo shard) {
        return HadoopFiles.resolve(dataset.folder(), shard.name());
    }

    public String name() {
        return name;
    }

    @Override
    public long tokens() {
        return starts[files.length];
    }

    /** Documents in the split. */
    public long documents() {
        return info.documents();
    }

    /** The text of the whole split. */
    public TextCounts counts() {
        return info.text();
    }

    @Override
    public void read(long position, int[] target, int offset, int count) {
        if (position < 0 || count < 0 || position + count > tokens()) {
            throw new IndexOutOfBoundsException(
                    "Cannot read " + count + " tokens at " + position + " of split " + name + ": it has " + tokens());
        }
        long at = position;
        int next = offset;
        int left = count;
        for (int shard = shardAt(position); left > 0; shard++) {
            int here = (int) Math.min(left, starts[shard + 1] - at);
            files[shard].read(at - starts[shard], target, next, here);
            at += here;
            next += here;
            left -= here;
        }
    }

    /** The shard that holds a position; empty shards hold none. */
    private int shardAt(long position) {
        int found = Arrays.binarySearch(starts, position);
        if (found < 0) {
            return -found - 2;
        }
        while (found < files.length && starts[found + 1] == position) {
            found++;
        }
        return found;
    }

    /**
     * The text of the first tokens of the split: whole documents use the stored counts; a last, partial document is
     * counted by decoding its tokens. A word or character that is cut counts where it begins.
     *
     * @param tokens how many, at most {@link #tokens}
     */
    public TextCounts countsUpTo(long tokens) {
        if (tokens < 0 || tokens > tokens()) {
            throw new IndexOutOfBoundsException(
                    "Cannot count the text of " + tokens + " tokens of split " + name + ": it has " + tokens());
        }
        TextCounts text = TextCounts.ZERO;
        int shard = 0;
        while (shard < files.length && starts[shard + 1] <= tokens) {
            text = text.plus(info.shards().get(shard++).text());
        }
        return starts[shard] == tokens ? text : text.plus(countsInShard(shard, tokens - starts[shard]));
    }

    private TextCounts countsInShard(int shard, long tokens) {
        ShardInfo shardInfo = info.shards().get(shard);
        ShardIndex index =
                ShardIndex.read(path(shardInfo), shardInfo, dataset.manifest().tokenType());
        TextCounts text = TextCounts.ZERO;
        long start = 0;
        int document = 0;
        while (start + index.size(document) <= tokens) {
            text = text.plus(index.counts(document));
            start += index.size(document++);
        }
        // The separator is a document's last token, so a part that is cut short has none.
        int[] part = new int[(int) (tokens - start)];
        files[shard].read(start, part, 0, part.length);
        Tokenizer tokenizer = dataset.tokenizer();
        return text.plus(TextCounts.of(tokenizer.decodeBytes(part, 0, part.length)));
    }

    @Override
    public void close() {
        for (TokenFile file : files) {
            file.close();
        }
    }
}
