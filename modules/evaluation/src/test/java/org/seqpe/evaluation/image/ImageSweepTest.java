package org.seqpe.evaluation.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.core.config.Resolution;
import org.seqpe.core.progress.Progress;
import org.seqpe.evaluation.AxisValue;
import org.seqpe.evaluation.Intervals;
import org.seqpe.evaluation.Scored;
import org.seqpe.evaluation.SweepRow.Status;

class ImageSweepTest {
    private static final int CLASSES = 12;
    private static final long PICTURES = 250;
    /** What depends on who computes and how fast. */
    private static final String[] CIRCUMSTANCES = {"imagesPerSecond", "peakMemoryBytes"};

    private static EvaluationConfig config(long maxImages, int batchImages, String... resolutions) {
        return new EvaluationConfig(
                "test",
                List.of(512),
                List.of(Protocol.SLIDING),
                256,
                0,
                4096,
                List.of(resolutions),
                0.875,
                maxImages,
                batchImages,
                0,
                16,
                EvaluationConfig.Place.SAME);
    }

    private static ImageRun run(String name, Supplier<ImageScorer> scorer) {
        return new ImageRun(name, new ColouredPictures(PICTURES, CLASSES), ColouredPictures.names(CLASSES), scorer);
    }

    private static List<ImageRow> sweep(EvaluationConfig config, ImageRun... runs) {
        return new ImageSweep(config, Progress.none(), row -> {}).run(List.of(runs));
    }

    @Test
    void accuraciesAreCountedPictureByPicture() {
        ImageScorer scorer = new ColourScorer(CLASSES, 0.3);
        ImageRow row = sweep(config(0, 64, "16"), run("r", () -> scorer)).get(0);
        // One picture at a time, with other arithmetic.
        ColouredPictures pictures = new ColouredPictures(PICTURES, CLASSES);
        long hits = 0;
        double losses = 0;
        for (long i = 0; i < PICTURES; i++) {
            float[] picture = new float[3 * 16 * 16];
            pictures.read(i, 1, new Resolution(16, 16), picture);
            float[] logits = scorer.logits(picture, 1, new Resolution(16, 16));
            float ofLabel = logits[pictures.label(i)];
            double sum = 0;
            boolean hit = true;
            for (float logit : logits) {
                hit &= logit <= ofLabel;
                sum += Math.exp((double) logit - ofLabel);
            }
            hits += hit ? 1 : 0;
            losses += Math.log(sum);
        }
        assertThat(row.status()).isEqualTo(Status.OK);
        assertThat(row.pictures()).isEqualTo(PICTURES);
        assertThat(hits).isBetween(150L, 249L);
        assertThat(row.top1().value()).isEqualTo((double) hits / PICTURES);
        assertThat(row.top1().interval()).isEqualTo(Intervals.share(hits, PICTURES));
        assertThat(row.top5().value()).isGreaterThan(row.top1().value());
        assertThat(row.loss().value()).isCloseTo(losses / PICTURES, within(1e-12));
        assertThat(row.loss().interval().low()).isLessThan(row.loss().value());
        assertThat(row.imagesPerSecond()).isPositive();
        assertThat(row.encoding()).isEqualTo("seqpe");
        // Twins are what is confused.
        assertThat(row.mostConfused().pairs()).isNotEmpty();
        assertThat(row.mostConfused().pairs().get(0).truth())
                .isNotEqualTo(row.mostConfused().pairs().get(0).predicted());
    }

    @Test
    void rowsComeByRunAndResolutionAndNeedNotBeSquare() {
        List<ImageRow> rows = sweep(
                config(0, 64, "16", "32x18", "8"),
                run("b", () -> new ColourScorer(CLASSES, 0.3)),
                run("a", () -> new ColourScorer(CLASSES, 0)));
        assertThat(rows)
                .extracting(row -> row.run() + " " + row.at())
                .containsExactly("b 16", "b 32x18", "b 8", "a 16", "a 32x18", "a 8");
        assertThat(rows.get(1).at()).isEqualTo(new AxisValue(24, "32x18"));
        assertThat(rows.get(1).trainedAt()).isEqualTo(AxisValue.of(16));
        assertThat(rows.get(2).top1().value()).isLessThan(rows.get(0).top1().value());
        // Without fading the resolution makes no difference but for rounding.
        assertThat(rows.get(5).top1()).isEqualTo(rows.get(3).top1());
    }

    @Test
    void batchesDoNotChangeTheRows() {
        ImageRun run = run("r", () -> new ColourScorer(CLASSES, 0.3));
        List<ImageRow> expected = sweep(config(0, 1, "16", "20"), run);
        for (int batch : new int[] {3, 64, 250, 10_000}) {
            assertThat(sweep(config(0, batch, "16", "20"), run))
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields(CIRCUMSTANCES)
                    .containsExactlyElementsOf(expected);
        }
    }

    @Test
    void partsThatOthersCountGiveTheSameRows() {
        ImageRun run = run("r", () -> new ColourScorer(CLASSES, 0.3));
        // Three ranges, each with a model of its own, which come back in another order.
        ImageScoring parts = (of, scorer, point, scored) -> {
            PictureSums sums = new PictureSums(CLASSES);
            for (long[] range : new long[][] {{170, 250}, {0, 81}, {81, 170}}) {
                sums.merge(new PictureEvaluator(of.scorer().get(), of.pictures(), CLASSES, point.size(), 32)
                        .sums(range[0], range[1], scored));
            }
            return new Scored<>(sums, OptionalLong.of(5));
        };
        EvaluationConfig config = config(0, 64, "16", "24");
        List<ImageRow> there = new ImageSweep(config, parts, Progress.none(), row -> {}).run(List.of(run));
        assertThat(there)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields(CIRCUMSTANCES)
                .containsExactlyElementsOf(sweep(config, run));
        assertThat(there.get(0).peakMemoryBytes()).isEqualTo(5);
    }

    @Test
    void onlyTheFirstPicturesCanBeMeasured() {
        ImageRow row = sweep(config(40, 64, "16"), run("r", () -> new ColourScorer(CLASSES, 0.3)))
                .get(0);
        assertThat(row.pictures()).isEqualTo(40);
        assertThat(sweep(config(1, 64, "16"), run("r", () -> new ColourScorer(CLASSES, 0.3)))
                        .get(0))
                .satisfies(one -> {
                    assertThat(one.top1().interval()).isNotNull();
                    assertThat(one.loss().interval()).isNull();
                });
    }

    /** A model that runs out of memory at 40 pixels and gives no numbers at 48. */
    private static ImageScorer fragile() {
        ColourScorer scorer = new ColourScorer(
                "seqpe",
                new Resolution(16, 16),
                CLASSES,
                0.1,
                size -> size.rows() > 60 ? "SeqPE positions end at 60 pixels" : null);
        return new ImageScorer() {
            @Override
            public String encoding() {
                return scorer.encoding();
            }

            @Override
            public Resolution trainingResolution() {
                return scorer.trainingResolution();
            }

            @Override
            public java.util.Optional<String> refusal(Resolution size) {
                return scorer.refusal(size);
            }

            @Override
            public float[] logits(float[] pictures, int count, Resolution size) {
                if (size.rows() == 40) {
                    throw new OutOfMemoryError("Cannot allocate 17 GiB");
                }
                float[] logits = scorer.logits(pictures, count, size);
                if (size.rows() == 48) {
                    logits[3] = Float.NaN;
                }
                return logits;
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void aResolutionThatCannotBeMeasuredDoesNotStopTheOthers() {
        List<ImageRow> heard = new ArrayList<>();
        long[] units = {0, 0};
        Progress progress = new Progress() {
            @Override
            public void start(String label, long total) {
                units[1] = total;
            }

            @Override
            public void advance(long done, String message) {
                units[0] += done;
            }

            @Override
            public void close() {}
        };
        ImageRun gone = run("gone", () -> {
            throw new UserException("Cannot open run gone: no checkpoint");
        });
        List<ImageRow> rows = new ImageSweep(config(0, 64, "64", "40", "48", "16"), progress, heard::add)
                .run(List.of(run("r", ImageSweepTest::fragile), gone));
        assertThat(rows)
                .extracting(ImageRow::status)
                .containsExactly(
                        Status.REFUSED,
                        Status.FAILED,
                        Status.FAILED,
                        Status.OK,
                        Status.FAILED,
                        Status.FAILED,
                        Status.FAILED,
                        Status.FAILED);
        assertThat(rows.get(0).message()).isEqualTo("SeqPE positions end at 60 pixels");
        assertThat(rows.get(0).top1()).isNull();
        assertThat(rows.get(1).message()).contains("out of memory: Cannot allocate 17 GiB", "evaluation.batch-images");
        assertThat(rows.get(2).message()).contains("The logit of class 3 of picture 0 is NaN");
        assertThat(rows.get(4).message()).isEqualTo("Cannot open run gone: no checkpoint");
        assertThat(rows.get(4).trainedAt()).isNull();
        assertThat(heard).isEqualTo(rows);
        assertThat(units[1])
                .isEqualTo(2 * PICTURES * (64 * 64 + 40 * 40 + 48 * 48 + 16 * 16))
                .isEqualTo(units[0]);
    }

    @Test
    void aBatchThatNoArrayHoldsSaysWhatToLower() {
        ImageRow row = sweep(config(0, 250, "9999"), run("r", () -> new ColourScorer(CLASSES, 0)))
                .get(0);
        assertThat(row.status()).isEqualTo(Status.FAILED);
        assertThat(row.message()).contains("250 pictures of 9999", "lower evaluation.batch-images");
    }

    @Test
    void aModelOfOtherClassesIsNotCounted() {
        ImageRow row = sweep(config(0, 10, "16"), run("r", () -> new ColourScorer(CLASSES + 1, 0)))
                .get(0);
        assertThat(row.message()).contains("expected logits of 10 pictures and 12 classes, found 130 logits");
    }

    @Test
    void aSplitWithoutPicturesIsRefusedBeforeAnythingIsMeasured() {
        ImageRun empty = new ImageRun("r", new ColouredPictures(0, 2), List.of("a", "b"), () -> {
            throw new AssertionError("opened");
        });
        assertThatThrownBy(() -> sweep(config(0, 64, "16"), empty))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("at least 1 picture");
    }
}
