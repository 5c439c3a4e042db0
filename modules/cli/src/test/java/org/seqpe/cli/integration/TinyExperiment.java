package org.seqpe.cli.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;

/**
 * An experiment that is as small as it can be and has every part in it: dropout, shifted windows, both position losses,
 * two replicas.
 */
final class TinyExperiment {
    static final int STEPS_PER_ROUND = 2;
    private static final int LINES = 400;

    private TinyExperiment() {}

    /** About 15 kB in sentences that differ. */
    static String text() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            text.append("On day ")
                    .append(i)
                    .append(" we counted ")
                    .append(i * i % 97)
                    .append(" birds")
                    .append(i % 8 == 0 ? ".\n\n" : ".\n");
        }
        return text.toString();
    }

    /**
     * The configuration. Its learning rate is constant, so that a run of few steps which is continued is one of many
     * steps.
     *
     * @param data path of the dataset
     */
    static String configuration(String data) {
        return """
                seqpe {
                  name = tiny
                  data.path = "%s"
                  model {
                    width = 16, layers = 1, heads = 2
                    position { encoding = seqpe, max-position = 200, seqpe.layers = 1 }
                  }
                  objective {
                    contrastive { pivots = 4, candidates = 4, range = 20 }
                    transfer { windows = 2, offsets = 8 }
                    shift { rate = 0.5, groups = 2, pool = 16 }
                  }
                  optimizer { learning-rate = 3e-3, schedule { shape = constant, warmup-steps = 2 } }
                  train {
                    length = 16, batch = 4, steps = 8, replicas = 2
                    steps-per-round = %d, checkpoint-every = 2, validate-every = 2, validation-tokens = 100
                  }
                  evaluation { lengths = [16, 32], stride = 16, max-tokens = 300, batch-tokens = 256 }
                  device.threads = 1
                }
                """
                .formatted(data, STEPS_PER_ROUND);
    }

    /**
     * Makes its dataset in a folder of this machine (data, from text.txt) and its configuration (tiny.conf), whose path
     * it returns.
     */
    static String prepared(Path folder) throws IOException {
        String text = Files.writeString(folder.resolve("text.txt"), text()).toString();
        String data = folder.resolve("data").toString();
        Outcome.of(prepare(text, data, "--master", "local[1]")).done();
        return Files.writeString(folder.resolve("tiny.conf"), configuration(data))
                .toString();
    }

    /**
     * Trains it on an embedded Spark, to its end and undisturbed: what other runs of so many steps are compared with.
     */
    static RunFolder trained(String configuration, Path run, int steps) {
        Outcome.of(train(configuration, run.toString(), steps, "--master", "local[1]"))
                .done();
        return new RunFolder(run.toString());
    }

    /** The command that makes its dataset. */
    static String[] prepare(String input, String output, String... more) {
        return with(
                more,
                "prepare",
                "--input",
                input,
                "--output",
                output,
                "--tokenizer",
                "bytes",
                "--ratios",
                "0.8,0.1,0.1");
    }

    /** The command that trains it, for so many steps in all. */
    static String[] train(String configuration, String run, int steps, String... more) {
        return with(more, "train", "--conf", configuration, "--run", run, "--set", "train.steps=" + steps);
    }

    private static String[] with(String[] more, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /**
     * Names and hashes of all arrays in a run's last checkpoint, which is verified: equal lists are equal bits of
     * parameters and moments.
     */
    static List<String> arrays(RunFolder run) {
        return run.checkpoints().latest().orElseThrow().manifest().files().stream()
                .map(file -> file.name() + " " + file.sha256())
                .toList();
    }

    /** Path of the parameters in a run's last checkpoint. */
    static String model(RunFolder run) {
        return run.checkpoints().latest().orElseThrow().file(Checkpoints.MODEL);
    }

    /** A run's metrics but for what a clock measured. */
    static List<String> metricsWithoutTimes(RunFolder run) {
        return run.metrics().lines().stream()
                .map(line -> {
                    ObjectNode kept = line.deepCopy();
                    List<String> times = new ArrayList<>();
                    line.fieldNames().forEachRemaining(key -> {
                        if (key.endsWith("_seconds") || key.endsWith("_per_second")) {
                            times.add(key);
                        }
                    });
                    return kept.remove(times).toString();
                })
                .toList();
    }

    /** How many rounds a run on this machine has logged so far, while it is at work. */
    static int roundsOf(Path run) throws IOException {
        Path metrics = run.resolve("metrics.jsonl");
        return Files.exists(metrics)
                ? Math.toIntExact(Files.readString(metrics)
                        .chars()
                        .filter(character -> character == '\n')
                        .count())
                : 0;
    }

    /** The numbers of the rounds that a run has logged. */
    static List<Integer> rounds(RunFolder run) {
        return run.metrics().lines().stream()
                .map(line -> line.get("round"))
                .map(JsonNode::asInt)
                .toList();
    }
}
