package org.seqpe.bench.gpu;

import java.util.List;
import org.seqpe.bench.TextWorkload;
import org.seqpe.core.config.PositionConfig.Encoding;

/** Sizes of all parts: full ones for a card, tiny ones to see on a processor that a part runs. */
enum Sizes {
    FULL(
            4096,
            256 << 20,
            new TextWorkload(Encoding.SEQPE, 4, 256, 4, 8, 256, 8192, 0, 4),
            new TextWorkload(Encoding.LEARNED, 12, 768, 12, 32, 512, 50257, 0, 16),
            List.of(new int[] {32, 512}, new int[] {16, 1024}),
            50304,
            20,
            3,
            new TextWorkload(Encoding.SEQPE, 4, 256, 4, 64, 256, 256, 0.1, 4),
            3000,
            List.of(256, 512, 1024, 2048, 4096),
            1 << 16),
    TINY(
            32,
            1 << 16,
            new TextWorkload(Encoding.SEQPE, 1, 32, 2, 2, 32, 61, 0, 2),
            new TextWorkload(Encoding.LEARNED, 1, 32, 2, 2, 32, 61, 0, 2),
            List.of(new int[] {2, 32}, new int[] {1, 64}),
            64,
            2,
            1,
            new TextWorkload(Encoding.SEQPE, 1, 32, 2, 2, 32, 256, 0.1, 2),
            6,
            List.of(32, 64),
            64);

    /** Rows and columns of the matrices of a product that is timed. */
    final int product;

    /** Bytes of a copy that is timed. */
    final int copy;

    /** A model for the step on two devices. */
    final TextWorkload small;

    /** GPT-2 small. */
    final TextWorkload big;

    /** Sequences and tokens of the big model's batches. */
    final List<int[]> shapes;

    /** A vocabulary of the big model that is a multiple of 64, for comparison. */
    final int padded;

    /** Most steps that count. */
    final int timedSteps;

    /** Most seconds of steps that count. */
    final double timedSeconds;

    /** A model for the training. */
    final TextWorkload text;

    /** Most steps of the training. */
    final int textSteps;

    /** Lengths of the evaluation. */
    final List<Integer> textLengths;

    /** Tokens of an evaluation. */
    final int textTokens;

    Sizes(
            int product,
            int copy,
            TextWorkload small,
            TextWorkload big,
            List<int[]> shapes,
            int padded,
            int timedSteps,
            double timedSeconds,
            TextWorkload text,
            int textSteps,
            List<Integer> textLengths,
            int textTokens) {
        this.product = product;
        this.copy = copy;
        this.small = small;
        this.big = big;
        this.shapes = shapes;
        this.padded = padded;
        this.timedSteps = timedSteps;
        this.timedSeconds = timedSeconds;
        this.text = text;
        this.textSteps = textSteps;
        this.textLengths = textLengths;
        this.textTokens = textTokens;
    }
}
