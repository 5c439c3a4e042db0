package org.seqpe.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.network.PassLosses;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.seqpe.PositionSampler;
import org.seqpe.model.task.Tasks;

/**
 * What a steady training step (positions, forward, backward, Adam) leaves to the garbage collector, on all threads
 * together: tensor views and descriptions of calls, some ten bytes for each of a few hundred kernels, more with SeqPE
 * because its lists of positions have another length at each step. Measured are 3 kB and 18 kB; the bounds are below
 * one object for each row of the batch, 512 or 1024 of at least 80 bytes.
 */
class StepAllocationTest {
    private static final int LENGTH = 64;
    private static final int MEASURED = 10;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @CsvSource({"ROPE,8,6000", "SEQPE,8,30000", "SEQPE,16,30000"})
    void aSteadyStepAllocatesNothingThatGrowsWithItsData(Encoding encoding, int batch, long most) {
        ObjectiveConfig all = ModelFixtures.objective();
        ObjectiveConfig objective =
                new ObjectiveConfig(all.contrastive(), all.transfer(), new ObjectiveConfig.Shift(0.1, batch, 100));
        try (Device device = new CpuDevice(2)) {
            ModelSpec spec =
                    Tasks.spec(ModelFixtures.model(encoding, Apply.ATTN_SCALAR, Projection.SINGLE, 0.1), LENGTH);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            Training training = new Training(
                    new TaskModel(spec, objective, parameters, device),
                    new PositionSampler(spec, objective, 5, 0),
                    batch);
            // Compiled code allocates less and less for some hundred steps, and buffers grow until they have held the
            // longest list of positions.
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 60 && least > most * MEASURED; i++) {
                long nativeBefore = Pointer.totalBytes();
                long before = allocated();
                for (int step = 0; step < MEASURED; step++) {
                    training.step();
                }
                long bytes = allocated() - before;
                if (Pointer.totalBytes() <= nativeBefore) {
                    least = Math.min(least, bytes);
                }
            }
            assertThat(least)
                    .as("Java heap bytes of the best %d steps without new native memory", MEASURED)
                    .isLessThanOrEqualTo(most * MEASURED);
        }
    }

    private static long allocated() {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }

    /** Our part of what a task does at every step. */
    private static final class Training {
        private final TaskModel model;
        private final PositionSampler sampler;
        private final int[] tokens;
        private final Samples samples;
        private final Doubles sums;
        private double read;
        private final Tensor firstMoment;
        private final Tensor secondMoment;
        private long steps;

        Training(TaskModel model, PositionSampler sampler, int batch) {
            this.model = model;
            this.sampler = sampler;
            tokens = ModelFixtures.tokens(7, batch * LENGTH);
            samples = Samples.of(tokens, tokens, batch);
            sums = model.device().allocateDoubles(PassLosses.SLOTS);
            firstMoment = model.device().allocate(ModelLayout.of(model.spec()).size());
            secondMoment = model.device().allocate(ModelLayout.of(model.spec()).size());
        }

        void step() {
            Device device = model.device();
            Tensor gradients = model.parameters().gradients();
            device.fill(gradients, 0);
            model.lossAndGradient(samples, sampler.draw(steps++), tokens.length, 1.0 / tokens.length, 1, sums, 0);
            read = sums.toArray()[0];
            device.adam(gradients, firstMoment, secondMoment, 1e-4, 0.9, 0.999, 1e-8, steps);
            device.axpy(-1, gradients, model.parameters().values());
        }
    }
}
