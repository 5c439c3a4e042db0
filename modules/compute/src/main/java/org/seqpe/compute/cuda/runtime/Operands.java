package org.seqpe.compute.cuda.runtime;

import java.util.Arrays;

/**
 * The operands of the kernel that is about to be launched. They are kept from the garbage collector until then:
 * compiled callers may hold their last reference to a tensor no longer than until the call, and an allocation for
 * working memory would give the tensor's memory out again.
 */
final class Operands {
    /** More than the operands of any one call; a power of two. */
    private static final int MOST = 32;

    private final Object[] held = new Object[MOST];
    private int count;

    void hold(Object operand) {
        held[count++ & MOST - 1] = operand;
    }

    /** The kernel has been launched: what it uses is freed behind it on the stream. */
    void release() {
        Arrays.fill(held, 0, Math.min(count, MOST), null);
        count = 0;
    }
}
