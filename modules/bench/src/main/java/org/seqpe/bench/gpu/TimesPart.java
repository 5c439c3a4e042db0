package org.seqpe.bench.gpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.bench.Batch;
import org.seqpe.bench.KernelClock;
import org.seqpe.bench.Samples;
import org.seqpe.bench.SeqPeSide;
import org.seqpe.bench.Side;
import org.seqpe.bench.TextWorkload;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cuda.driver.DriverApi;
import org.seqpe.core.UserException;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.model.dl4j.PendingReport;

/**
 * Times of one optimizer step of GPT-2 small on the card, through DL4J as in a Spark task; where they go; and what
 * handing parameters over at the edges of a round takes. Weights and tokens are those of peer.py.
 */
final class TimesPart {
    /** The first steps, whose losses are kept for the comparison, and which are not timed. */
    private static final int RECORDED = 3;

    private static final int BATCHES = 4;
    /** What one more shape takes at most, setup included. */
    private static final double SHAPE_SECONDS = 15;

    private final Figures figures;
    private final Sizes sizes;
    private final double seconds;

    /** @param seconds after which no other shape begins, less what one takes */
    TimesPart(Figures figures, Sizes sizes, double seconds) {
        this.figures = figures;
        this.sizes = sizes;
        this.seconds = seconds;
    }

    void run() {
        List<TextWorkload> workloads = new ArrayList<>();
        for (int[] shape : sizes.shapes) {
            TextWorkload workload = sizes.big.withBatchOf(shape[0], shape[1]);
            for (Encoding encoding : List.of(Encoding.LEARNED, Encoding.SEQPE, Encoding.ROPE)) {
                workloads.add(workload.withEncoding(encoding, 0));
            }
        }
        workloads.add(workloads.get(0).withVocabulary(sizes.padded));
        figures.say(
                "%-34s %9s %19s %9s %10s %8s %9s %9s %9s %9s",
                "ms a step",
                "median",
                "quartiles",
                "best",
                "tokens/s",
                "TFLOP/s",
                "MiB",
                "asking",
                "alone",
                "setup, s");
        for (TextWorkload workload : workloads) {
            for (Precision precision : GpuCheck.cudaProvider().precisions()) {
                if (figures.elapsed() > seconds - SHAPE_SECONDS) {
                    figures.say("No time is left for %s", name(workload, precision));
                    continue;
                }
                try {
                    measure(
                            workload,
                            precision,
                            workload == workloads.get(0),
                            workload.length() == sizes.shapes.get(0)[1]);
                } catch (UserException e) {
                    figures.say("%s: refused: %s", name(workload, precision), e.getMessage());
                    figures.put(name(workload, precision), Map.of("refused", e.getMessage()));
                } catch (RuntimeException e) {
                    e.printStackTrace(System.out);
                    figures.fail("%s: %s", name(workload, precision), e);
                }
                // The vectors of a network lie outside the heap, which hardly grows.
                System.gc();
            }
        }
    }

    private static String name(TextWorkload workload, Precision precision) {
        return String.join(
                "-",
                GpuCheck.lower(workload.encoding()),
                workload.batch() + "x" + workload.length(),
                "" + workload.vocabulary(),
                GpuCheck.lower(precision));
    }

    private void measure(TextWorkload workload, Precision precision, boolean edges, boolean profile) {
        long started = System.nanoTime();
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            batches.add(FormulaValues.batch(workload, i));
        }
        try (SeqPeSide side = new SeqPeSide(workload, "", GpuCheck.cuda(precision), new FormulaValues())) {
            side.begin();
            double setup = (System.nanoTime() - started) * 1e-9;
            List<Double> losses = new ArrayList<>();
            List<Double> norms = new ArrayList<>();
            for (int i = 0; i < RECORDED; i++) {
                Side.Step step = side.train(batches.get(i % BATCHES));
                losses.add(step.loss());
                norms.add(step.gradientNorm());
            }
            Samples times = times(side, batches);
            double[] alone = alone(side, batches.get(0));
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("milliseconds", times.median() * 1e3);
            values.put("lowerQuartile", times.lowerQuartile() * 1e3);
            values.put("upperQuartile", times.upperQuartile() * 1e3);
            values.put("best", times.best() * 1e3);
            values.put("steps", times.count());
            values.put("tokensPerSecond", workload.tokens() / times.median());
            double rate = 3 * workload.forwardFlops() / times.median() * 1e-12;
            values.put("teraflops", rate);
            values.put("mebibytes", used());
            values.put("askingMilliseconds", alone[0]);
            values.put("aloneMilliseconds", alone[1]);
            values.put("setupSeconds", setup);
            values.put("losses", losses);
            values.put("norms", norms);
            figures.say(
                    "%-34s %9.2f %9.2f-%9.2f %9.2f %10.0f %8.1f %9d %9.2f %9.2f %9.1f",
                    name(workload, precision),
                    times.median() * 1e3,
                    times.lowerQuartile() * 1e3,
                    times.upperQuartile() * 1e3,
                    times.best() * 1e3,
                    workload.tokens() / times.median(),
                    rate,
                    used(),
                    alone[0],
                    alone[1],
                    setup);
            figures.say("  losses %s, gradient norms %s", losses, norms);
            figures.expect(
                    losses.stream().allMatch(Double::isFinite), "%s: losses %s", name(workload, precision), losses);
            figures.put(name(workload, precision), values);
            if (edges) {
                edges(side, values);
            }
            if (profile) {
                profile(side, batches.get(0), values);
            }
            figures.put(name(workload, precision), values);
        }
    }

    /** Whole steps, each begun before the losses of the one before are read, as in a Spark task. */
    private Samples times(SeqPeSide side, List<Batch> batches) {
        double[] times = new double[sizes.timedSteps];
        int count = 0;
        PendingReport pending = side.start(batches.get(0));
        pending = next(side, batches.get(1), pending);
        long start = System.nanoTime();
        long last = start;
        while (count < times.length && (count < 2 || (last - start) * 1e-9 < sizes.timedSeconds)) {
            pending = next(side, batches.get(count % BATCHES), pending);
            long now = System.nanoTime();
            times[count++] = (now - last) * 1e-9;
            last = now;
        }
        pending.read();
        side.device().synchronize();
        return Samples.of(Arrays.copyOf(times, count));
    }

    private static PendingReport next(SeqPeSide side, Batch batch, PendingReport before) {
        PendingReport pending = side.start(batch);
        before.read();
        return pending;
    }

    /**
     * Milliseconds of a step that begins when the card is idle: until the host has asked for all of it, and until the
     * card has finished.
     */
    private static double[] alone(SeqPeSide side, Batch batch) {
        side.device().synchronize();
        long start = System.nanoTime();
        PendingReport pending = side.start(batch);
        long asked = System.nanoTime();
        side.device().synchronize();
        long end = System.nanoTime();
        pending.read();
        return new double[] {(asked - start) * 1e-6, (end - start) * 1e-6};
    }

    /** What the start and the end of a round add. */
    private void edges(SeqPeSide side, Map<String, Object> values) {
        long size = side.model().parameters().layout().size();
        for (int i = 0; i < 2; i++) {
            long start = System.nanoTime();
            side.push();
            long pushed = System.nanoTime();
            side.pull();
            side.device().synchronize();
            long pulled = System.nanoTime();
            values.put("pushSeconds", (pushed - start) * 1e-9);
            values.put("pullSeconds", (pulled - pushed) * 1e-9);
            figures.say(
                    "  the edges of a round, %d parameters and their moments: from the card %.3f s, to the card %.3f s",
                    size, (pushed - start) * 1e-9, (pulled - pushed) * 1e-9);
        }
    }

    private void profile(SeqPeSide side, Batch batch, Map<String, Object> values) {
        KernelClock clock = side.profile(() -> side.train(batch));
        Map<String, Double> sections = milliseconds(clock.bySection());
        Map<String, Double> kernels = milliseconds(clock.kernels());
        figures.say("  ms of a step that waits for each kernel: %s", rounded(sections));
        figures.say("  by kernel: %s", rounded(kernels));
        values.put("sections", sections);
        values.put("kernels", kernels);
    }

    private static Map<String, Double> milliseconds(Map<String, Double> seconds) {
        Map<String, Double> values = new LinkedHashMap<>();
        seconds.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(entry -> values.put(entry.getKey(), entry.getValue() * 1e3));
        return values;
    }

    private static String rounded(Map<String, Double> values) {
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> text.append(text.isEmpty() ? "" : ", ")
                .append(name)
                .append(' ')
                .append(Math.round(value * 100) / 100.0));
        return text.toString();
    }

    /** MiB of the card that are taken, by this process and others. */
    private static long used() {
        long[] free = new long[1];
        long[] total = new long[1];
        int status = DriverApi.cuMemGetInfo_v2(free, total);
        return status == 0 ? total[0] - free[0] >> 20 : -1;
    }
}
