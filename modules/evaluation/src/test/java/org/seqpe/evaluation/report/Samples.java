package org.seqpe.evaluation.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.evaluation.text.ArrayTokens;
import org.seqpe.evaluation.text.FunctionScorer;
import org.seqpe.evaluation.text.LanguageRow;
import org.seqpe.evaluation.text.LanguageRun;
import org.seqpe.evaluation.text.LanguageSweep;

/**
 * Sweeps and curves of made-up models that behave like the real ones: context helps up to the training length, and
 * harms some beyond it.
 */
final class Samples {
    static final int TRAINED = 128;

    private Samples() {}

    /** @param harm nats added for every doubling of the position beyond the training length */
    private static LanguageRun run(String name, String encoding, double harm, int limit) {
        TextCounts counts = new TextCounts(6200, 36_000, 35_400);
        return new LanguageRun(
                name,
                new ArrayTokens(counts, 6500, ArrayTokens.counting(9001).ids()),
                () -> new FunctionScorer(
                        encoding,
                        TRAINED,
                        (window, i) -> 3.2
                                + 1.6 / Math.sqrt(i + 1)
                                + harm * Math.max(0, Math.log((i + 1.0) / TRAINED) / Math.log(2))
                                + 0.2 * Math.sin(window[i + 1]),
                        length -> length > limit ? "SeqPE positions end at " + limit : null));
    }

    static List<LanguageRow> rows(boolean many, int... lengths) {
        List<LanguageRun> runs = new ArrayList<>(List.of(run("seqpe", "seqpe", -0.02, 1024)));
        if (many) {
            runs.add(run("rope", "rope", 0.8, Integer.MAX_VALUE));
            runs.add(run("alibi", "alibi", 0.01, Integer.MAX_VALUE));
            runs.add(run("sinusoidal", "sinusoidal", 1.4, Integer.MAX_VALUE));
            runs.add(run("learned", "learned", 0.5, Integer.MAX_VALUE));
            runs.add(run("none", "none", 0.25, Integer.MAX_VALUE));
        }
        EvaluationConfig config = new EvaluationConfig(
                "test",
                IntStream.of(lengths).boxed().toList(),
                List.of(Protocol.NON_OVERLAPPING, Protocol.SLIDING),
                64,
                0,
                4096,
                List.of("224"),
                0.875,
                0,
                64,
                0,
                16,
                EvaluationConfig.Place.SAME);
        return new LanguageSweep(config, Progress.none(), row -> {}).run(runs);
    }

    static TrainingCurve curve(String run, double end) {
        List<TrainingCurve.Point> points = new ArrayList<>();
        for (int step = 1; step <= 3000; step++) {
            double loss = end + 3 * Math.exp(-step / 500.0) + 0.15 * Math.sin(step * 12.9898);
            points.add(new TrainingCurve.Point(
                    step,
                    loss,
                    step % 200 == 0 ? (Double) (loss + 0.1) : null,
                    5e-4 * Math.min(1, step / 300.0) * (1 - step / 3300.0)));
        }
        return new TrainingCurve(run, points);
    }

    static Provenance provenance(String run) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("commit", "0123456789abcdef");
        facts.put("data", "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
        facts.put("versions", "seqpe-spark 0.1.0, Java 17, Spark 3.5.7");
        return new Provenance(run, facts, "{\n  \"name\": \"" + run + "\",\n  \"seed\": 1\n}");
    }
}
