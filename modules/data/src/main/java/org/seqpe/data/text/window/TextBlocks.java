package org.seqpe.data.text.window;

import java.util.ArrayList;
import java.util.List;

/**
 * How the authors' training script cuts one chunk of a token stream into blocks with shifted labels (group_texts in
 * their text_seqpe/train.py; golden cases of kind text_blocks). Training and evaluation here use {@link BatchPlan} and
 * evaluation windows instead; this class is for comparison with numbers that were made with the script's blocks.
 */
public final class TextBlocks {

    /** The rule that decides which blocks there are. */
    public enum Rule {
        /**
         * Complete blocks begin at every multiple of the stride. If they leave tokens uncovered, one shorter block ends
         * the stream, unless the rest is dropped.
         */
        COMPLETE,
        /**
         * The script's behaviour. If the rest is dropped, the stream is first shortened to a multiple of the block
         * size. A block that ends exactly at the end is lost. The shorter last block begins one stride before the place
         * where it would have ended, so it does not overlap the block before.
         */
        REFERENCE
    }

    /**
     * A block: tokens from {@code start} to {@code end} of the stream. Each token's label is the token after it; the
     * stream's last token has none.
     *
     * @param start first token
     * @param end one after the last
     */
    public record Block(int start, int end) {
        public int length() {
            return end - start;
        }
    }

    private TextBlocks() {}

    /**
     * The blocks of a stream, in order.
     *
     * @param tokens length of the stream
     * @param size tokens per block
     * @param stride tokens from one block's start to the next one's, from 1 to the size
     * @param dropLast whether tokens that fill no block are left out
     */
    public static List<Block> of(int tokens, int size, int stride, boolean dropLast, Rule rule) {
        if (stride < 1 || stride > size) {
            throw new IllegalArgumentException(
                    "Cannot cut blocks of " + size + " tokens: expected a stride from 1 to that, found " + stride);
        }
        return rule == Rule.REFERENCE
                ? reference(tokens, size, stride, dropLast)
                : complete(tokens, size, stride, dropLast);
    }

    private static List<Block> complete(int tokens, int size, int stride, boolean dropLast) {
        List<Block> blocks = new ArrayList<>();
        int start = 0;
        for (; start + size <= tokens; start += stride) {
            blocks.add(new Block(start, start + size));
        }
        int covered = blocks.isEmpty() ? 0 : blocks.get(blocks.size() - 1).end();
        if (!dropLast && covered < tokens) {
            blocks.add(new Block(start, tokens));
        }
        return blocks;
    }

    private static List<Block> reference(int tokens, int size, int stride, boolean dropLast) {
        List<Block> blocks = new ArrayList<>();
        int total = dropLast ? tokens / size * size : tokens;
        int end = size;
        for (; end < total; end += stride) {
            blocks.add(new Block(end - size, end));
        }
        if (!dropLast && end > total) {
            blocks.add(new Block(Math.min(end - stride, tokens), tokens));
        }
        return blocks;
    }
}
