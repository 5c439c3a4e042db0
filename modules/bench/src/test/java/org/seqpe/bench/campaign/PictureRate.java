package org.seqpe.bench.campaign;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.AugmentConfig;
import org.seqpe.core.config.AugmentConfig.RandAugment;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.Resolution;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.PictureDecoder;
import org.seqpe.data.image.PictureException;
import org.seqpe.data.image.augment.EvaluationView;
import org.seqpe.data.image.augment.TrainingView;

/**
 * How many pictures one thread decodes and turns into views of 224 x 224 in a second of its processor time, by the
 * authors' recipe. The system property {@code pictures.folder} names a folder of JPEG and PNG files; each is measured
 * alone. Not among the tests that a build runs; docs/results/2026-11-30-picture-decoding.md has the command.
 */
class PictureRate {
    private static final double SECONDS = 2;
    private static final int REPEATS = 4;
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    private interface Work {
        float of(byte[] file, long sample) throws PictureException;
    }

    @Test
    void measure() throws IOException, PictureException {
        ImageConfig config = new ImageConfig(
                "224",
                16,
                0,
                List.of(0.485, 0.456, 0.406),
                List.of(0.229, 0.224, 0.225),
                new AugmentConfig(
                        List.of(0.08, 1.0),
                        List.of(3.0 / 4, 4.0 / 3),
                        0.5,
                        new RandAugment(2, 9, 0.5),
                        0.4,
                        0.25,
                        0.8,
                        1,
                        1,
                        0.5,
                        0.1));
        TrainingView training = new TrainingView(config);
        EvaluationView evaluation = new EvaluationView(config, new Resolution(224, 224), 0.9);
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("pictures.folder")))) {
            for (Path file : files.sorted().toList()) {
                byte[] bytes = Files.readAllBytes(file);
                print(file, "decode", bytes, (b, i) -> PictureDecoder.decode(b).width());
                Picture picture = PictureDecoder.decode(bytes);
                print(file, "evaluation", bytes, (b, i) -> evaluation.of(picture)[0]);
                print(file, "training", bytes, (b, i) -> training.of(picture, RandomStream.of(1, i))[0]);
                print(file, "decode + evaluation", bytes, (b, i) -> evaluation.of(PictureDecoder.decode(b))[0]);
                print(file, "decode + training", bytes, (b, i) -> training.of(
                                PictureDecoder.decode(b), RandomStream.of(1, i))[0]);
            }
        }
    }

    private static void print(Path file, String what, byte[] bytes, Work work) throws PictureException {
        double best = 0;
        float sum = 0;
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            long start = THREAD.getCurrentThreadCpuTime();
            long count = 0;
            double seconds;
            do {
                sum += work.of(bytes, count++);
                seconds = (THREAD.getCurrentThreadCpuTime() - start) / 1e9;
            } while (seconds < SECONDS);
            best = Math.max(best, count / seconds);
        }
        System.out.printf(
                Locale.ROOT, "| %s | %s | %.0f |%s%n", file.getFileName(), what, best, sum == 0 ? " (all 0)" : "");
    }
}
