package org.seqpe.bench.kernels;

/** Sizes of one layer of a model in training. */
enum KernelShape {
    /** conf/quickstart.conf. */
    QUICKSTART(8, 128, 4, 32, 256),
    /** 4-layer GPT of the peer comparison. */
    SMALL(8, 256, 4, 64, 8192),
    /** GPT-2 small. */
    GPT2(4, 512, 12, 64, 50257),
    /** The 4-layer GPT on one long sequence. */
    LONG(1, 2048, 4, 64, 8192);

    /** Rows of a block of logits, as the model makes them. */
    private static final int LOGIT_ROWS = 512;

    final int batch;
    final int length;
    final int heads;
    /** D, elements of a head vector. */
    final int headWidth;

    final int vocabulary;
    /** B * T. */
    final int rows;
    /** C. */
    final int width;

    final int logitRows;

    KernelShape(int batch, int length, int heads, int headWidth, int vocabulary) {
        this.batch = batch;
        this.length = length;
        this.heads = heads;
        this.headWidth = headWidth;
        this.vocabulary = vocabulary;
        rows = batch * length;
        width = heads * headWidth;
        logitRows = Math.min(LOGIT_ROWS, rows);
    }
}
