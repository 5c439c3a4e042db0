package org.seqpe.bench.gpu;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.bench.SeqPeSide;
import org.seqpe.bench.TextWorkload;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Precision;
import org.seqpe.core.config.DeviceConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.model.dl4j.StepReport;

/**
 * The same training steps on the processor and on the card, from the same values: losses and gradient norms side by
 * side; and on the card twice, which must give the same bits.
 */
final class StepPart {
    private static final int STEPS = 5;
    /** Largest relative difference from the processor, of a loss or a norm of any of the steps. */
    private static final Map<Precision, Double> TOLERANCE = Map.of(Precision.FLOAT32, 1e-4, Precision.BFLOAT16, 5e-2);

    private final Figures figures;
    private final Sizes sizes;

    StepPart(Figures figures, Sizes sizes) {
        this.figures = figures;
        this.sizes = sizes;
    }

    /** What a step computed. */
    private record Row(double loss, double task, double contrastive, double transfer, double model, double position) {
        static Row of(StepReport report) {
            return new Row(
                    report.losses().total(),
                    report.losses().task(),
                    report.losses().contrastive(),
                    report.losses().transfer(),
                    report.modelNorm(),
                    report.positionNorm());
        }

        double[] values() {
            return new double[] {loss, task, contrastive, transfer, model, position};
        }
    }

    private record Run(List<Row> rows, String hash) {}

    void run() {
        for (Encoding encoding : List.of(Encoding.SEQPE, Encoding.LEARNED, Encoding.ROPE, Encoding.ALIBI)) {
            TextWorkload workload = sizes.small.withEncoding(encoding, encoding == Encoding.SEQPE ? 0.5 : 0);
            figures.say("%s", workload.describe());
            Run processor = steps(workload, DeviceSpec.of(DeviceConfig.Kind.CPU, workload.threads()));
            for (Precision precision : GpuCheck.cudaProvider().precisions()) {
                compare(workload, processor, precision);
            }
        }
    }

    private void compare(TextWorkload workload, Run processor, Precision precision) {
        String name = GpuCheck.lower(workload.encoding()) + "-" + GpuCheck.lower(precision);
        try {
            Run card = steps(workload, GpuCheck.cuda(precision));
            double worst = 0;
            figures.say(
                    "  %-18s %4s %13s %13s %9s %13s %13s %9s",
                    name, "step", "loss, CPU", "CUDA", "relative", "norm, CPU", "CUDA", "relative");
            for (int i = 0; i < STEPS; i++) {
                Row expected = processor.rows.get(i);
                Row found = card.rows.get(i);
                figures.say(
                        "  %-18s %4d %13.8f %13.8f %9.1e %13.8f %13.8f %9.1e",
                        "",
                        i,
                        expected.loss,
                        found.loss,
                        difference(expected.loss, found.loss),
                        expected.model,
                        found.model,
                        difference(expected.model, found.model));
                for (int j = 0; j < expected.values().length; j++) {
                    worst = Math.max(worst, difference(expected.values()[j], found.values()[j]));
                }
            }
            Run again = steps(workload, GpuCheck.cuda(precision));
            boolean same = card.hash.equals(again.hash);
            figures.say(
                    "  %-18s all losses and norms within %.1e; parameters %s, again %s: %s",
                    name, worst, card.hash, again.hash, same ? "the same bits" : "OTHER BITS");
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("worst", worst);
            values.put("same-bits", same);
            values.put("hash", card.hash);
            values.put("losses", card.rows.stream().map(Row::loss).toList());
            values.put("losses-cpu", processor.rows.stream().map(Row::loss).toList());
            figures.put(name, values);
            figures.expect(
                    worst <= TOLERANCE.get(precision),
                    "%s: losses and norms differ by %s from the processor's: expected at most %s",
                    name,
                    worst,
                    TOLERANCE.get(precision));
            figures.expect(same, "%s: the same steps gave other bits: %s and %s", name, card.hash, again.hash);
        } catch (RuntimeException e) {
            e.printStackTrace(System.out);
            figures.fail("%s: %s", name, e);
        }
    }

    private static Run steps(TextWorkload workload, DeviceSpec spec) {
        try (SeqPeSide side = new SeqPeSide(workload, "", spec, null)) {
            side.begin();
            List<Row> rows = new ArrayList<>();
            for (int i = 0; i < STEPS; i++) {
                side.train(workload.batch(i));
                rows.add(Row.of(side.report()));
            }
            return new Run(rows, hash(side.parameters()));
        }
    }

    /** Relative; equal values, two NaN too (a step without that loss), differ by 0, NaN and a number by infinity. */
    static double difference(double expected, double found) {
        if (Double.compare(expected, found) == 0) {
            return 0;
        }
        double difference = Math.abs(found - expected) / Math.max(Math.abs(expected), 1e-12);
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
    }

    /** The first 16 digits of the values' SHA-256. */
    private static String hash(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
        bytes.asFloatBuffer().put(values);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
