package org.seqpe.evaluation.image;

import static org.seqpe.evaluation.Numbers.fixed;
import static org.seqpe.evaluation.Numbers.mebibytes;
import static org.seqpe.evaluation.Numbers.text;

import java.util.List;
import java.util.function.Function;
import org.seqpe.core.io.Resources;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.SweepView;

/** Image models by accuracy over resolutions. Accuracies are shown in percent. */
public final class ImageView implements SweepView<ImageRow> {
    private static final Function<ImageRow, Estimate> TOP_1 = row -> percent(row.top1());
    private static final Function<ImageRow, Estimate> TOP_5 = row -> percent(row.top5());
    private static final Function<Double, String> OF_PERCENT = value -> fixed(value, 2);
    private static final Function<Double, String> OF_LOSS = value -> fixed(value, 4);

    private static final List<Measure<ImageRow>> MEASURES = List.of(
            new Measure<>("top1", "Top-1 accuracy in %", false, TOP_1, OF_PERCENT, 100.0),
            new Measure<>("top5", "Top-5 accuracy in %", false, TOP_5, OF_PERCENT, 100.0),
            new Measure<>("loss", "Loss in nats per picture", true, ImageRow::loss, OF_LOSS));

    private static final List<Detail<ImageRow>> DETAILS = List.of(
            new Detail<>("resolution", true, row -> text(row.resolution())),
            new Detail<>("trained at", true, row -> text(row.trainingResolution())),
            new Detail<>("pictures", true, row -> text(row.pictures())),
            Detail.of("top-1 %", TOP_1, OF_PERCENT),
            Detail.of("top-5 %", TOP_5, OF_PERCENT),
            Detail.of("loss", ImageRow::loss, OF_LOSS),
            new Detail<>("images/s", true, row -> fixed(row.imagesPerSecond(), 1)),
            new Detail<>("peak MiB", true, row -> mebibytes(row.peakMemoryBytes())));

    private static Estimate percent(Estimate share) {
        return share == null ? null : share.map(value -> 100 * value);
    }

    @Override
    public Class<ImageRow> rows() {
        return ImageRow.class;
    }

    @Override
    public Axis axis() {
        return new Axis("resolution", "Resolution in pixels");
    }

    @Override
    public List<Measure<ImageRow>> measures() {
        return MEASURES;
    }

    @Override
    public List<Detail<ImageRow>> details() {
        return DETAILS;
    }

    @Override
    public String title(String series, List<ImageRow> rows) {
        return "centre crops";
    }

    @Override
    public String lossUnit() {
        return "nats per picture";
    }

    @Override
    public String definitions() {
        return Resources.text(ImageView.class, "definitions.html");
    }
}
