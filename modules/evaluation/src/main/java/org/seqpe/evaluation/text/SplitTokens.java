package org.seqpe.evaluation.text;

import java.util.BitSet;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.data.tokenizer.Tokenizer;

/** A prepared split, or its beginning, as something to evaluate on. Counting its text is done once, when it is made. */
public final class SplitTokens implements EvaluationTokens {
    private static final int BUFFER = 1 << 16;
    private final TokenSplit split;
    private final long tokens;
    private final TextCounts counts;
    private final long spaceTokens;

    /**
     * @param tokenizer the one that the split was made with
     * @param maxTokens most tokens that are used; 0 for all
     */
    public SplitTokens(TokenSplit split, Tokenizer tokenizer, long maxTokens) {
        this.split = split;
        this.tokens = maxTokens == 0 ? split.tokens() : Math.min(maxTokens, split.tokens());
        this.counts = tokens == split.tokens() ? split.counts() : split.countsUpTo(tokens);
        this.spaceTokens = countSpaceTokens(tokenizer);
    }

    private long countSpaceTokens(Tokenizer tokenizer) {
        BitSet beginsWithSpace = new BitSet();
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            byte[] text = tokenizer.decodeBytes(new int[] {id}, 0, 1);
            beginsWithSpace.set(id, text.length > 0 && text[0] == ' ');
        }
        int[] part = new int[BUFFER];
        long found = 0;
        for (long position = 0; position < tokens; position += BUFFER) {
            int count = (int) Math.min(BUFFER, tokens - position);
            split.read(position, part, 0, count);
            for (int i = 0; i < count; i++) {
                found += beginsWithSpace.get(part[i]) ? 1 : 0;
            }
        }
        return found;
    }

    @Override
    public long tokens() {
        return tokens;
    }

    @Override
    public void read(long position, int[] target, int offset, int count) {
        if (position + count > tokens) {
            throw new IndexOutOfBoundsException(
                    "Cannot read " + count + " tokens at " + position + ": the first " + tokens + " are evaluated");
        }
        split.read(position, target, offset, count);
    }

    @Override
    public TextCounts counts() {
        return counts;
    }

    @Override
    public long spaceTokens() {
        return spaceTokens;
    }
}
