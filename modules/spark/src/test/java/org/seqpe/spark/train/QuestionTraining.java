package org.seqpe.spark.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.io.Json;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.qa.prepare.AnswerRequest;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.prepare.PrepareJob;

/** A small SeqPE model on questions about invented birds, for trainings of seconds. */
public final class QuestionTraining {
    private static final List<String> TREES = List.of("oak", "elm", "fir", "yew", "ash");

    private QuestionTraining() {}

    private record Line(int index, String input, List<String> outputs, int length, double depth) {}

    /** Prepares the questions in this folder, by bytes; returns the folder of the dataset. */
    public static String prepare(Path folder) throws IOException {
        Path questions = Files.createDirectories(folder.resolve("questions"));
        RandomStream random = new RandomStream(8);
        write(questions.resolve("train.jsonl"), 150, 5, 64, random);
        write(questions.resolve("validation_64.jsonl"), 23, 5, 64, random);
        write(questions.resolve("validation_128.jsonl"), 17, 9, 128, random);
        String data = folder.resolve("data").toString();
        try (SparkSession session = SparkSessions.create("local[2]", "prepare", Map.of("spark.ui.enabled", "false"))) {
            PrepareJob.run(
                    new JavaSparkContext(session.sparkContext()),
                    AnswerRequest.of(List.of(questions.toString()), data)
                            .tokenizer("bytes")
                            .build(),
                    PrepareProgress.NONE);
        }
        return data;
    }

    /** Questions whose contexts have one bird or more. */
    private static void write(Path file, int count, int mostBirds, int length, RandomStream random) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int birds = 1 + random.nextInt(mostBirds);
            int asked = random.nextInt(birds);
            StringBuilder context = new StringBuilder();
            String tree = "";
            for (int bird = 0; bird < birds; bird++) {
                String home = TREES.get(random.nextInt(TREES.size()));
                context.append(i * 10 + bird).append(": ").append(home).append(". ");
                tree = bird == asked ? home : tree;
            }
            lines.add(Json.line(new Line(
                    i, context + "Tree of " + (i * 10 + asked) + "?", List.of(tree), length, (double) asked / birds)));
        }
        Files.write(file, lines);
    }

    /**
     * The model's settings, and others after them, which may change them.
     *
     * @param data from {@link #prepare}
     */
    public static List<String> config(String data, List<String> others) {
        List<String> all = new ArrayList<>(List.of(
                "task=answers",
                "train.length=64",
                "train.validation-examples=20",
                "evaluation.split=validation",
                "evaluation.lengths=[64, 128]",
                "evaluation.new-tokens=5"));
        all.addAll(others);
        return BirdTraining.config(data, all);
    }
}
