package org.seqpe.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;

/** Times several sides step by step in turn, so that whatever else the machine does meets all of them. */
final class Alternation {
    /**
     * The threads of one side spin for up to some tens of milliseconds after its work; the next side starts when they
     * sleep.
     */
    private static final long PAUSE_MILLIS = 60;

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /**
     * What one side took.
     *
     * @param wall seconds by the clock
     * @param processor seconds of processor time of the whole process, spinning threads included
     */
    record Timing(Samples wall, Samples processor) {}

    private Alternation() {}

    /**
     * @param inputs of the work, one after the other, and again from the first
     * @param warmup rounds before those that count
     * @param progress is told each round
     * @return one timing a side
     */
    static <S extends Turn, I> List<Timing> run(
            List<S> sides, List<I> inputs, int warmup, int rounds, BiConsumer<S, I> work, IntConsumer progress) {
        double[][] wall = new double[sides.size()][rounds];
        double[][] processor = new double[sides.size()][rounds];
        for (int round = -warmup; round < rounds; round++) {
            progress.accept(round);
            I input = inputs.get(Math.floorMod(round, inputs.size()));
            for (int i = 0; i < sides.size(); i++) {
                // Another one goes first in each round.
                int which = Math.floorMod(i + round, sides.size());
                S side = sides.get(which);
                side.begin();
                pause();
                long cpuStart = SYSTEM.getProcessCpuTime();
                long start = System.nanoTime();
                work.accept(side, input);
                long end = System.nanoTime();
                if (round >= 0) {
                    wall[which][round] = (end - start) * 1e-9;
                    processor[which][round] = (SYSTEM.getProcessCpuTime() - cpuStart) * 1e-9;
                }
            }
        }
        List<Timing> timings = new ArrayList<>();
        for (int i = 0; i < sides.size(); i++) {
            timings.add(new Timing(Samples.of(wall[i]), Samples.of(processor[i])));
        }
        return timings;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while measuring", e);
        }
    }
}
