package org.seqpe.model.image;

import org.seqpe.compute.Device;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.Resolution;
import org.seqpe.model.Grid;
import org.seqpe.model.Task;
import org.seqpe.model.TaskLayers;
import org.seqpe.model.params.InitialValues;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;

/**
 * Naming the class of a picture, as a Vision Transformer does (arXiv 2010.11929; the authors' program follows timm
 * 0.4.12): patches become vectors, a class token stands in front of them, and the head reads the class token.
 *
 * <p>Features are the patches of a picture ({@link Patches}). Labels are three numbers: the picture's class, the class
 * of the picture that was mixed into it, and the share of its own class; a picture that was not mixed has share 1. A
 * negative class means that there is none, and the picture does not count.
 *
 * @param classes of the head
 * @param patches how pictures are cut
 * @param grid patches of a training picture
 * @param labelSmoothing share of the target that is spread over all classes in training
 */
public record ImageTask(int classes, Patches patches, Grid grid, double labelSmoothing) implements Task {
    /** Numbers of a label. */
    public static final int LABEL_SIZE = 3;

    static final String CLASS_TOKEN = "cls_token";
    static final String PATCH_WEIGHT = "patch_embed.proj.weight";
    static final String PATCH_BIAS = "patch_embed.proj.bias";
    static final String HEAD_WEIGHT = "head.weight";
    static final String HEAD_BIAS = "head.bias";

    public ImageTask {
        if (classes < 1) {
            throw new IllegalArgumentException("Cannot build a model: expected at least 1 class, found " + classes);
        }
    }

    /** The task of a configuration whose classes are set. */
    public static ImageTask of(ImageConfig config) {
        Patches patches = new Patches(config.patch());
        Resolution size = config.size();
        return new ImageTask(
                config.classes(),
                patches,
                patches.grid(size.rows(), size.columns()),
                config.augment().labelSmoothing());
    }

    @Override
    public String name() {
        return "images";
    }

    /** The class token. */
    @Override
    public int leadingRows() {
        return 1;
    }

    @Override
    public boolean causal() {
        return false;
    }

    @Override
    public int featureSize() {
        return grid.size() * patches.elements();
    }

    @Override
    public int labelSize() {
        return LABEL_SIZE;
    }

    /** The class token. */
    @Override
    public int readRows() {
        return leadingRows();
    }

    @Override
    public void addInputParameters(ModelConfig config, ParameterLayout.Builder layout) {
        // PyTorch's start of a convolution, which the reference keeps.
        InitialValues convolution = InitialValues.uniform(1 / Math.sqrt(patches.elements()));
        int size = patches.size();
        layout.group("patch embedding")
                .add(
                        CLASS_TOKEN,
                        Part.MODEL,
                        Decay.NEVER,
                        InitialValues.normal(config.initStd()),
                        1,
                        1,
                        config.width());
        layout.add(PATCH_WEIGHT, Part.MODEL, Decay.ALWAYS, convolution, config.width(), Patches.CHANNELS, size, size);
        layout.add(PATCH_BIAS, Part.MODEL, Decay.NEVER, convolution, config.width());
    }

    @Override
    public void addHeadParameters(ModelConfig config, ParameterLayout.Builder layout) {
        layout.add(
                HEAD_WEIGHT, Part.MODEL, Decay.ALWAYS, InitialValues.normal(config.initStd()), classes, config.width());
        layout.add(HEAD_BIAS, Part.MODEL, Decay.NEVER, InitialValues.constant(0), classes);
    }

    /** Number of labelled pictures. */
    @Override
    public long weight(float[] labels) {
        long labelled = 0;
        for (int i = 0; i < labels.length; i += LABEL_SIZE) {
            labelled += labels[i] >= 0 ? 1 : 0;
        }
        return labelled;
    }

    @Override
    public TaskLayers open(Parameters parameters, Device device) {
        return new ImageLayers(this, parameters, device);
    }
}
