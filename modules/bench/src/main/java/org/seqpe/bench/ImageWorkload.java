package org.seqpe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.Grid;
import org.seqpe.model.image.Patches;

/**
 * A Vision Transformer and its batches, with the SeqPE authors' image recipe (method.md sections 4 and 8), except that
 * nothing is dropped in the position encoder either. Pictures are square.
 *
 * @param resolution pixels of a picture's side
 * @param patch pixels of a patch's side
 */
public record ImageWorkload(
        Encoding encoding,
        int layers,
        int width,
        int heads,
        int batch,
        int resolution,
        int patch,
        int classes,
        int threads)
        implements Workload {
    /** The recipe's settings that are not the defaults. Windows are not shifted. */
    private static final List<String> RECIPE = List.of(
            "task=images",
            "model.activation=gelu-erf",
            "model.layer-norm-epsilon=1e-6",
            "model.position.max-position=10000",
            "model.position.seqpe.apply=attn-mul",
            "model.position.seqpe.projection=multi",
            "model.position.seqpe.dimensions=2",
            "model.position.seqpe.digits=2",
            "model.position.seqpe.residual-dropout=0",
            "objective.contrastive.pivots=32",
            "objective.contrastive.candidates=64",
            "objective.contrastive.hard-ratio=0.2",
            "objective.contrastive.uniform-share=0.5",
            "objective.contrastive.hard-share=0.3",
            "objective.transfer.windows=32",
            "objective.shift.rate=0");

    /** Offsets of the transfer loss; a smaller grid has all of its own. */
    private static final int OFFSETS = 64;

    /** Patches of a picture. */
    public int length() {
        return grid().size();
    }

    Grid grid() {
        return patches().grid(resolution, resolution);
    }

    Patches patches() {
        return new Patches(patch);
    }

    @Override
    public RunConfig runConfig() {
        List<String> settings = new ArrayList<>(COMMON);
        settings.addAll(RECIPE);
        settings.addAll(shape());
        settings.addAll(List.of(
                "image.resolution=" + resolution,
                "image.patch=" + patch,
                "image.classes=" + classes,
                "objective.transfer.offsets=" + Math.min(OFFSETS, length()),
                "objective.shift.groups=" + Math.min(batch, 32)));
        return ConfigReader.defaults(settings);
    }

    @Override
    public Batch.Pictures batch(int index) {
        RandomStream random = RandomStream.of(SEED, index);
        int picture = Patches.CHANNELS * resolution * resolution;
        float[] pictures = new float[batch * picture];
        for (int i = 0; i < pictures.length; i++) {
            pictures[i] = (float) random.nextGaussian();
        }
        float[] cut = new float[pictures.length];
        int[] own = new int[batch];
        int[] others = new int[batch];
        for (int i = 0; i < batch; i++) {
            patches().cut(pictures, i * picture, grid(), cut, i * picture);
            own[i] = random.nextInt(classes);
            others[i] = random.nextInt(classes);
        }
        return new Batch.Pictures(pictures, cut, own, others, (float) random.nextDouble());
    }

    @Override
    public double forwardFlops() {
        double rows = (double) batch * (1 + length());
        double blocks = rows * layers * (24.0 * width * width + 4.0 * (1 + length()) * width);
        double embedding = 2.0 * batch * length() * patches().elements() * width;
        return blocks + embedding + 2.0 * batch * width * classes;
    }

    @Override
    public String describe() {
        return String.format(
                Locale.ROOT,
                "%s, %d layers, width %d, %d heads, %d pictures of %d x %d pixels, %d patches of %d x %d and a class token, %d classes, %d thread%s",
                encodingName(),
                layers,
                width,
                heads,
                batch,
                resolution,
                resolution,
                length(),
                patch,
                patch,
                classes,
                threads,
                threads == 1 ? "" : "s");
    }

    @Override
    public List<String> options() {
        List<String> options = new ArrayList<>(List.of("--task", "images"));
        options.addAll(commonOptions());
        options.addAll(List.of("--resolution", "" + resolution, "--patch", "" + patch, "--classes", "" + classes));
        return options;
    }
}
