package org.seqpe.compute.cpu.loss;

import java.nio.ByteBuffer;
import org.seqpe.compute.cpu.row.Elementwise;
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
    /** Per worker, likewise: the softmax. Exponentials are most of the work, so each is computed once. */
    private final double[][] shares;

    public Divergence(CpuContext context) {
        this.context = context;
        logs = new double[context.workers.threads()][0];
        shares = new double[logs.length][0];
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
                shares[worker] = new double[2 * columns];
            }
        }
        context.workers.run(CpuContext.blocks(rows, perTask), task);
    }

    private void costRows(int index, int worker) {
        double[] log = logs[worker];
        double[] p = shares[worker];
        for (int row = index * perTask; row < Math.min(rows, (index + 1) * perTask); row++) {
            int at = row * columns * Float.BYTES;
            softmax(teacher, at, log, p, 0);
            softmax(student, at, log, p, columns);
            loss.putFloat(row * Float.BYTES, (float) cost(log, p));
            // Each side's gradient holds the other's distribution fixed; both come from the logarithms, not from each
            // other.
            writeGradient(log, p, columns, 0, student, at, beta);
            writeGradient(log, p, 0, columns, teacher, at, 1 - beta);
        }
    }

    private void softmax(ByteBuffer x, int at, double[] log, double[] p, int start) {
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
            p[start + j] = Math.exp(log[start + j]);
        }
    }

    private double cost(double[] log, double[] p) {
        double cost = 0;
        for (int j = 0; j < columns; j++) {
            double difference = log[j] - log[columns + j];
            cost += kl ? difference * (p[j] - p[columns + j]) : difference * difference;
        }
        return cost;
    }

    /**
     * With own log-probabilities S and the other's A, d loss / d S_j is e^S (1 + S - A) - e^A, or 2 (S - A) without
     * {@code kl}; and S = log softmax(scale z) turns a gradient g into scale (g - e^S sum(g)).
     */
    private void writeGradient(double[] log, double[] p, int own, int other, ByteBuffer target, int at, float share) {
        if (share == 0) {
            Elementwise.fill(target, at, at + columns * Float.BYTES, 0);
            return;
        }
        double sum = 0;
        for (int j = 0; j < columns; j++) {
            sum += slope(log, p, own + j, other + j);
        }
        double weight = (double) factor * share * scale;
        for (int j = 0; j < columns; j++) {
            double g = slope(log, p, own + j, other + j) - p[own + j] * sum;
            target.putFloat(at + j * Float.BYTES, (float) (weight * g));
        }
    }

    private double slope(double[] log, double[] p, int own, int other) {
        return kl ? p[own] * (1 + log[own] - log[other]) - p[other] : 2 * (log[own] - log[other]);
    }
}
