package org.seqpe.compute.cpu.loss;

import java.nio.ByteBuffer;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostTensor;

/**
 * The symmetric divergence of two rows of logits and its gradients in place. Its matrices are small: plain loops in
 * double precision.
 */
public final class Divergence {
    private final CpuContext context;
    private final Workers.Task task = this::costRows;
    private ByteBuffer teacher;
    private ByteBuffer student;
    private ByteBuffer loss;
    private float scale;
    private boolean kl;
    private float beta;
    private float factor;
    private int rows;
    private int columns;
    private int perTask;
    /** Per worker: log softmax of the teacher's row, then of the student's. */
    private final double[][] logs;

    public Divergence(CpuContext context) {
        this.context = context;
        logs = new double[context.workers.threads()][0];
    }

    /** Computes {@link org.seqpe.compute.Device#divergence}. */
    public void run(
            HostTensor teacherLogits,
            HostTensor studentLogits,
            float logitScale,
            boolean kullbackLeibler,
            float studentShare,
            float lossFactor,
            HostTensor losses) {
        teacher = teacherLogits.bytes();
        student = studentLogits.bytes();
        loss = losses.bytes();
        scale = logitScale;
        kl = kullbackLeibler;
        beta = studentShare;
        factor = lossFactor;
        rows = (int) teacherLogits.rows();
        columns = (int) teacherLogits.columns();
        perTask = Math.max(1, CpuContext.BLOCK / 8 / Math.max(1, columns));
        for (int worker = 0; worker < logs.length; worker++) {
            if (logs[worker].length < 2 * columns) {
                logs[worker] = new double[2 * columns];
            }
        }
        context.workers.run(CpuContext.blocks(rows, perTask), task);
    }

    private void costRows(int index, int worker) {
        double[] log = logs[worker];
        for (int row = index * perTask; row < Math.min(rows, (index + 1) * perTask); row++) {
            int at = row * columns * Float.BYTES;
            logSoftmax(teacher, at, log, 0);
            logSoftmax(student, at, log, columns);
            loss.putFloat(row * Float.BYTES, (float) cost(log));
            // Each side's gradient holds the other's distribution fixed; both come from the logarithms, not from each
            // other.
            writeGradient(log, columns, 0, student, at, beta);
            writeGradient(log, 0, columns, teacher, at, 1 - beta);
        }
    }

    private void logSoftmax(ByteBuffer x, int at, double[] log, int start) {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < columns; j++) {
            log[start + j] = (double) scale * x.getFloat(at + j * Float.BYTES);
            max = Math.max(max, log[start + j]);
        }
        double sum = 0;
        for (int j = 0; j < columns; j++) {
            sum += Math.exp(log[start + j] - max);
        }
        double logSum = max + Math.log(sum);
        for (int j = 0; j < columns; j++) {
            log[start + j] -= logSum;
        }
    }

    private double cost(double[] log) {
        double cost = 0;
        for (int j = 0; j < columns; j++) {
            double difference = log[j] - log[columns + j];
            cost += kl ? difference * (Math.exp(log[j]) - Math.exp(log[columns + j])) : difference * difference;
        }
        return cost;
    }

    /**
     * With own log-probabilities S and the other's A, d loss / d S_j is e^S (1 + S - A) - e^A, or 2 (S - A) without
     * {@code kl}; and S = log softmax(scale z) turns a gradient g into scale (g - e^S sum(g)).
     */
    private void writeGradient(double[] log, int own, int other, ByteBuffer target, int at, float share) {
        double sum = 0;
        for (int j = 0; j < columns; j++) {
            sum += slope(log[own + j], log[other + j]);
        }
        double weight = (double) factor * share * scale;
        for (int j = 0; j < columns; j++) {
            double g = slope(log[own + j], log[other + j]) - Math.exp(log[own + j]) * sum;
            target.putFloat(at + j * Float.BYTES, (float) (weight * g));
        }
    }

    private double slope(double own, double other) {
        return kl ? Math.exp(own) * (1 + own - other) - Math.exp(other) : 2 * (own - other);
    }
}
