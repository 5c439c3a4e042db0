package org.seqpe.spark.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.prepare.PrepareJob;

/** A small SeqPE language model on an invented text, for trainings of seconds. */
public final class BirdTraining {
    private BirdTraining() {}

    /** Prepares the text in this folder, by bytes; returns the folder of the dataset. */
    public static String prepare(Path folder) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append("The ")
                    .append(i % 13)
                    .append("th bird of the ")
                    .append(i % 7)
                    .append("th tree sings")
                    .append(i % 3 == 0 ? ".\n\n" : ", ");
        }
        Path file = Files.writeString(folder.resolve("birds.txt"), text);
        String data = folder.resolve("data").toString();
        try (SparkSession session = SparkSessions.create("local[1]", "prepare", Map.of("spark.ui.enabled", "false"))) {
            PrepareJob.run(
                    new JavaSparkContext(session.sparkContext()),
                    PrepareRequest.of(List.of(file.toString()), data)
                            .tokenizer("bytes")
                            .build(),
                    PrepareProgress.NONE);
        }
        return data;
    }

    /**
     * The model's settings, and others after them, which may change them.
     *
     * @param data from {@link #prepare}
     */
    public static List<String> config(String data, List<String> others) {
        List<String> all = new ArrayList<>(List.of(
                "data.path=" + data,
                "model.width=32",
                "model.layers=2",
                "model.heads=2",
                "model.position.max-position=400",
                "model.position.seqpe.layers=1",
                "objective.contrastive.pivots=4",
                "objective.contrastive.candidates=4",
                "objective.contrastive.range=20",
                "objective.transfer.windows=2",
                "objective.transfer.offsets=8",
                "objective.shift.groups=2",
                "optimizer.schedule.warmup-steps=2",
                "optimizer.learning-rate=3e-3",
                "train.length=32",
                "train.batch=4",
                "train.validation-tokens=300",
                "device.threads=1"));
        all.addAll(others);
        return all;
    }
}
