package org.seqpe.spark.cluster;

import java.util.function.Supplier;
import org.seqpe.compute.DeviceLostException;

/**
 * What a task does when its device is lost: the executor ends, because nothing can be computed in it on that device any
 * more. Spark then starts another executor, or repeats the task elsewhere. It ends an executor whose task throws an
 * error of the virtual machine (Executor.isFatalError), after it has reported the task's failure.
 */
public final class LostDevice {
    private LostDevice() {}

    /** An error that ends the executor. */
    private static final class ExecutorMustEnd extends VirtualMachineError {
        private static final long serialVersionUID = 1L;

        private ExecutorMustEnd(DeviceLostException lost) {
            super(lost.getMessage() + " The executor ends, and the task is repeated.", lost);
        }
    }

    /** Runs a part of a task that uses its device. */
    public static void endsTheExecutor(Runnable work) {
        endsTheExecutor(() -> {
            work.run();
            return null;
        });
    }

    /** Runs such a part that has a result. */
    public static <T> T endsTheExecutor(Supplier<T> work) {
        try {
            return work.get();
        } catch (DeviceLostException lost) {
            throw new ExecutorMustEnd(lost);
        }
    }
}
