package org.seqpe.data.qa;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.SampleOrder;
import org.seqpe.data.StepPlan;

/**
 * Which examples each replica trains on at each step. Examples of about one length share a micro-batch, so that little
 * of it is padding.
 *
 * <p>The run is an endless row of micro-batches of B examples each. {@link StepPlan} says which of them a replica takes
 * at a step; the content of micro-batch g depends on (seed, g) alone. An epoch is a {@link SampleOrder random order} of
 * the N usable examples, and has floor(N / B) micro-batches. Its last N mod B examples fill no micro-batch and are left
 * out of this epoch; as each epoch has another order, they are others each time. The order is cut into windows of
 * {@value #WINDOW} micro-batches, the last of them shorter. In a window the examples are sorted by their tokens, equal
 * ones by their place in the order, then cut into micro-batches, which are shuffled. Safe for use by several threads.
 */
public final class AnswerPlan {
    /** Micro-batches whose examples are sorted together: enough for like lengths, few enough for a random order. */
    static final int WINDOW = 64;

    private static final long PURPOSE = "answer windows".hashCode();

    private final AnswerSplit split;
    private final long[] usable;
    private final StepPlan plan;
    private final long seed;
    /** Micro-batches of an epoch. */
    private final long perEpoch;

    private volatile Window latest;

    /** @param batches the examples of each micro-batch of a window, in their order */
    private record Window(long epoch, long number, long[][] batches) {}

    private record Sized(long example, int tokens) {}

    /**
     * @param split the examples; it is asked for their tokens only
     * @param length T: examples of more tokens are left out
     * @param replicas model copies
     * @param accumulation micro-batches per step of each replica
     * @param batch B, examples per micro-batch
     * @param seed seed of the run
     * @throws UserException if there are fewer usable examples than a step takes
     */
    public AnswerPlan(AnswerSplit split, int length, int replicas, int accumulation, int batch, long seed) {
        this.split = split;
        this.seed = seed;
        this.usable = usable(split, length);
        long step = (long) replicas * accumulation * batch;
        if (usable.length < step) {
            throw new UserException("Cannot train on the split " + split.name() + " of " + split.folder()
                    + ": expected at least " + step + " examples of at most " + length
                    + " tokens, as many as a step of "
                    + replicas + " replicas x " + accumulation + " micro-batches x " + batch
                    + " examples takes, found " + usable.length + "; " + (split.size() - usable.length)
                    + " are longer. Raise train.length, reduce train.batch, train.accumulation or train.replicas, or"
                    + " prepare more or shorter examples.");
        }
        this.plan = new StepPlan(new SampleOrder(seed, usable.length), replicas, accumulation, batch);
        this.perEpoch = usable.length / batch;
    }

    private static long[] usable(AnswerSplit split, int length) {
        long count = 0;
        for (long i = 0; i < split.size(); i++) {
            count += split.tokens(i) <= length ? 1 : 0;
        }
        long[] usable = new long[Math.toIntExact(count)];
        int next = 0;
        for (long i = 0; i < split.size(); i++) {
            if (split.tokens(i) <= length) {
                usable[next++] = i;
            }
        }
        return usable;
    }

    /**
     * N: the examples that fit T. An example of n tokens needs n places, for it predicts the n that follow its first.
     */
    public long usable() {
        return usable.length;
    }

    /** The examples that are too long. */
    public long leftOut() {
        return split.size() - usable.length;
    }

    /** G: the number of examples by which a global step advances the position. */
    public long samplesPerStep() {
        return plan.samplesPerStep();
    }

    /**
     * The numbers of the B examples of a micro-batch.
     *
     * @param position examples taken before this step; rounded down to whole micro-batches
     * @param replica from 0
     * @param microBatch from 0, below the accumulation
     */
    public long[] micro(long position, int replica, int microBatch) {
        long number = plan.place(position, replica, microBatch, 0) / plan.batch();
        long epoch = number / perEpoch;
        long inEpoch = number % perEpoch;
        Window window = latest;
        if (window == null || window.epoch() != epoch || window.number() != inEpoch / WINDOW) {
            window = window(epoch, inEpoch / WINDOW);
            latest = window;
        }
        return window.batches()[(int) (inEpoch % WINDOW)].clone();
    }

    private Window window(long epoch, long number) {
        int count = (int) Math.min(WINDOW, perEpoch - number * WINDOW);
        long first = epoch * usable.length + number * WINDOW * plan.batch();
        List<Sized> examples = new ArrayList<>();
        for (long i = 0; i < (long) count * plan.batch(); i++) {
            long example = usable[(int) plan.order().at(first + i)];
            examples.add(new Sized(example, split.tokens(example)));
        }
        examples.sort(Comparator.comparingInt(Sized::tokens));
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        RandomStream.of(seed, PURPOSE, epoch, number).shuffle(order);
        long[][] batches = new long[count][plan.batch()];
        for (int i = 0; i < count; i++) {
            for (int row = 0; row < plan.batch(); row++) {
                batches[i][row] = examples.get(order[i] * plan.batch() + row).example();
            }
        }
        return new Window(epoch, number, batches);
    }
}
