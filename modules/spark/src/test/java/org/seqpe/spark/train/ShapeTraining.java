package org.seqpe.spark.train;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.prepare.ImageRequest;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.prepare.PrepareJob;

/** A small Vision Transformer on drawn shapes, for trainings of seconds. */
public final class ShapeTraining {
    private static final List<String> SHAPES = List.of("bar", "disc", "frame");

    private ShapeTraining() {}

    /**
     * Draws pictures, in every process the same, and prepares them in this folder; returns the folder of the dataset.
     */
    public static String prepare(Path folder) throws IOException {
        RandomStream random = new RandomStream(5);
        for (var split : List.of(Map.entry("train", 40), Map.entry("val", 12))) {
            for (String shape : SHAPES) {
                Path of = Files.createDirectories(
                        folder.resolve("shapes").resolve(split.getKey()).resolve(shape));
                for (int i = 0; i < split.getValue(); i++) {
                    String format = i % 2 == 0 ? "png" : "jpg";
                    ImageIO.write(
                            draw(shape, random),
                            format,
                            of.resolve(i + "." + format).toFile());
                }
            }
        }
        String data = folder.resolve("data").toString();
        try (SparkSession session = SparkSessions.create("local[2]", "prepare", Map.of("spark.ui.enabled", "false"))) {
            PrepareJob.run(
                    new JavaSparkContext(session.sparkContext()),
                    ImageRequest.of(List.of(folder.resolve("shapes").toString()), data)
                            .build(),
                    PrepareProgress.NONE);
        }
        return data;
    }

    private static BufferedImage draw(String shape, RandomStream random) {
        int width = 20 + random.nextInt(20);
        int height = 20 + random.nextInt(20);
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = picture.createGraphics();
        pen.setColor(new Color(random.nextInt(100), random.nextInt(100), random.nextInt(100)));
        pen.fillRect(0, 0, width, height);
        pen.setColor(new Color(155 + random.nextInt(100), 155 + random.nextInt(100), 155 + random.nextInt(100)));
        int side = 10 + random.nextInt(8);
        int left = random.nextInt(width - side);
        int top = random.nextInt(height - side);
        switch (shape) {
            case "bar" -> pen.fillRect(left, top, side, side / 3);
            case "disc" -> pen.fillOval(left, top, side, side);
            default -> pen.drawRect(left, top, side, side);
        }
        pen.dispose();
        return picture;
    }

    /**
     * The model's settings with every kind of augmentation, and others after them, which may change them.
     *
     * @param data from {@link #prepare}
     */
    public static List<String> config(String data, List<String> others) {
        List<String> all = new ArrayList<>(List.of(
                "task=images",
                "data.path=" + data,
                "model.width=32",
                "model.layers=2",
                "model.heads=2",
                "model.dropout=0",
                "model.activation=gelu-erf",
                "model.scale-residual-init=false",
                "model.drop-path=0.1",
                "model.position.max-position=400",
                "model.position.seqpe.dimensions=2",
                "model.position.seqpe.apply=attn-mul",
                "model.position.seqpe.projection=multi",
                "model.position.seqpe.layers=1",
                "image.resolution=16x24",
                "image.patch=8",
                "objective.contrastive.pivots=4",
                "objective.contrastive.candidates=4",
                "objective.contrastive.range=20",
                "objective.transfer.windows=2",
                "objective.transfer.offsets=4",
                "objective.shift.groups=2",
                "optimizer.schedule.warmup-steps=2",
                "optimizer.learning-rate=3e-3",
                "train.batch=4",
                "train.validation-images=20",
                "evaluation.split=validation",
                "evaluation.crop-ratio=0.875",
                "device.threads=1"));
        all.addAll(others);
        return all;
    }
}
