package org.seqpe.evaluation.text;

import java.util.Arrays;
import org.seqpe.data.text.encoding.TextCounts;

/** A stream held in memory, without text unless it is given, for texts small enough to compute expectations by hand. */
public record ArrayTokens(TextCounts counts, long spaceTokens, int... ids) implements EvaluationTokens {

    public static ArrayTokens of(int... ids) {
        return new ArrayTokens(TextCounts.ZERO, 0, ids);
    }

    /** 0, 1, 2, ...: every token names its own place in the stream. */
    public static ArrayTokens counting(int tokens) {
        int[] ids = new int[tokens];
        Arrays.setAll(ids, i -> i);
        return of(ids);
    }

    @Override
    public long tokens() {
        return ids.length;
    }

    @Override
    public void read(long position, int[] target, int offset, int count) {
        System.arraycopy(ids, Math.toIntExact(position), target, offset, count);
    }
}
