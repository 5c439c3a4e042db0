package org.seqpe.bench.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.bench.TextWorkload;
import org.seqpe.compute.Device;
import org.seqpe.compute.Devices;
import org.seqpe.compute.Precision;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.SeqPeTransformer;
import org.seqpe.model.dl4j.TrainingDevice;
import org.seqpe.model.text.LanguageModel;

/** Short trainings on bytes of a text on the card, and their losses at longer lengths. */
final class TrainingPart {
    private static final long SEED = 7;
    private static final int LINES = 10;
    /** Steps by which a first network tells how many fit the time. */
    private static final int TRIED = 12;
    /** The part of the text, its end, that is kept for evaluation. */
    private static final double KEPT = 0.1;
    /** The part of an encoding's time that steps may take. */
    private static final double TRAINED = 0.75;

    private final Figures figures;
    private final Sizes sizes;
    private final double seconds;
    private final byte[] text;

    /** @param seconds of the part; each encoding gets its share */
    TrainingPart(Figures figures, Sizes sizes, double seconds, Path text) {
        this.figures = figures;
        this.sizes = sizes;
        this.seconds = seconds;
        try {
            this.text = Files.readAllBytes(text);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the text", e);
        }
    }

    void run() {
        List<Encoding> encodings = List.of(Encoding.SEQPE, Encoding.ROPE, Encoding.ALIBI);
        double each = seconds / encodings.size();
        int steps = 0;
        for (Encoding encoding : encodings) {
            try (Device device = Devices.create(GpuCheck.cuda(Precision.FLOAT32))) {
                TrainingDevice.use(device);
                if (steps == 0) {
                    steps = stepsFor(each * TRAINED);
                }
                train(device, encoding, steps, figures.elapsed() + each);
            } catch (RuntimeException e) {
                e.printStackTrace(System.out);
                figures.fail("%s: %s", GpuCheck.lower(encoding), e);
            } finally {
                TrainingDevice.use(null);
            }
        }
    }

    /** How many steps of the first encoding, which takes longest, fit the time; the others take as many. */
    private int stepsFor(double time) {
        MultiLayerNetwork network = network(Encoding.SEQPE, TRIED);
        long start = 0;
        for (int i = 0; i < TRIED; i++) {
            // The first half makes buffers and compiles.
            start = i == TRIED / 2 ? System.nanoTime() : start;
            step(network, i);
        }
        double step = (System.nanoTime() - start) * 1e-9 / (TRIED - TRIED / 2);
        int steps = (int) Math.max(2, Math.min(sizes.textSteps, time / step));
        figures.say("A step takes about %.1f ms: %d steps for each encoding", step * 1e3, steps);
        return steps;
    }

    private MultiLayerNetwork network(Encoding encoding, int steps) {
        TextWorkload shape = sizes.text;
        int groups = Math.min(8, shape.batch());
        return SeqPeNetworks.create(ConfigReader.defaults(List.of(
                "name=gpu-check",
                "seed=" + SEED,
                "data.path=none",
                "model.vocabulary=" + shape.vocabulary(),
                "model.width=" + shape.width(),
                "model.layers=" + shape.layers(),
                "model.heads=" + shape.heads(),
                "model.dropout=0",
                "model.init-std=0.035",
                "model.position.encoding=" + GpuCheck.lower(encoding),
                "model.position.max-position=8192",
                "model.position.seqpe.layers=1",
                "model.position.seqpe.residual-dropout=0",
                // As in conf/quickstart.conf, whose comments say why.
                "objective.contrastive.weight=0.01",
                "objective.contrastive.range=" + Math.min(256, shape.length()),
                "objective.transfer.weight=0.01",
                "objective.shift.rate=" + shape.shiftRate(),
                "objective.shift.groups=" + groups,
                "optimizer.learning-rate=1e-3",
                "optimizer.clip=1.0",
                "optimizer.position-clip=1.0",
                "optimizer.schedule.shape=cosine",
                "optimizer.schedule.warmup-steps=" + Math.min(40, steps / 2),
                "optimizer.schedule.final-share=0.05",
                "train.length=" + shape.length(),
                "train.batch=" + shape.batch(),
                "train.steps=" + steps)));
    }

    private void train(Device device, Encoding encoding, int steps, double until) {
        String name = GpuCheck.lower(encoding);
        MultiLayerNetwork network = network(encoding, steps);
        List<Map<String, Object>> curve = new ArrayList<>();
        double before = figures.elapsed();
        int every = Math.max(1, steps / LINES);
        double sum = 0;
        int done = 0;
        while (done < steps && figures.elapsed() < until) {
            sum += step(network, done);
            done++;
            if (done % every == 0 || done == steps) {
                int count = done % every == 0 ? every : done % every;
                figures.say("%-6s step %5d of %5d: loss %.4f", name, done, steps, sum / count);
                curve.add(Map.of("step", done, "loss", sum / count));
                sum = 0;
            }
        }
        double took = figures.elapsed() - before;
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("steps", done);
        values.put("millisecondsPerStep", took * 1e3 / done);
        values.put("curve", curve);
        figures.say("%-6s %d steps in %.1f s, %.1f ms a step", name, done, took, took * 1e3 / done);
        figures.put(name, values);
        Map<String, Object> lengths = new LinkedHashMap<>();
        LanguageModel model = new LanguageModel(SeqPeNetworks.layer(network).model());
        for (int length : sizes.textLengths) {
            double loss = evaluate(model, length);
            figures.say("%-6s loss at length %5d: %.4f", name, length, loss);
            lengths.put("" + length, loss);
            values.put("evaluation", lengths);
            figures.put(name, values);
            figures.expect(Double.isFinite(loss), "%s: the loss at length %d is %s", name, length, loss);
        }
        device.synchronize();
    }

    /** One step on windows that its number draws; returns its loss. */
    private double step(MultiLayerNetwork network, int number) {
        int batch = sizes.text.batch();
        int length = sizes.text.length();
        RandomStream random = RandomStream.of(SEED, number);
        int most = (int) (text.length * (1 - KEPT)) - length - 1;
        float[] features = new float[batch * length];
        float[] labels = new float[batch * length];
        for (int b = 0; b < batch; b++) {
            int first = random.nextInt(most);
            for (int t = 0; t < length; t++) {
                features[b * length + t] = text[first + t] & 0xff;
                labels[b * length + t] = text[first + t + 1] & 0xff;
            }
        }
        INDArray input = Nd4j.create(features, batch, length);
        network.fit(new DataSet(input, Nd4j.create(labels, batch, length)));
        SeqPeTransformer layer = SeqPeNetworks.layer(network);
        return layer.report().losses().task();
    }

    private double evaluate(LanguageModel model, int length) {
        int first = (int) (text.length * (1 - KEPT));
        int windows = Math.max(1, Math.min(sizes.textTokens, text.length - first - 1) / length);
        double sum = 0;
        for (int w = 0; w < windows; w++) {
            int[] tokens = new int[length];
            int[] targets = new int[length];
            for (int t = 0; t < length; t++) {
                tokens[t] = text[first + w * length + t] & 0xff;
                targets[t] = text[first + w * length + t + 1] & 0xff;
            }
            float[] losses = model.losses(tokens, targets, 1, length, length);
            for (int t = 0; t < length; t++) {
                sum += losses[t];
            }
        }
        return sum / ((double) windows * length);
    }
}
