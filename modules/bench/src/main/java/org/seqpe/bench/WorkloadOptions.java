package org.seqpe.bench;

import java.util.List;
import java.util.Locale;
import org.seqpe.core.UserException;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.TaskKind;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Command line options that describe a {@link Workload}. */
final class WorkloadOptions {
    private enum Preset {
        SMALL(4, 256, 4, 8, 256, 8192),
        GPT2(2, 768, 12, 4, 512, 50257);

        private final TextWorkload shape;

        Preset(int layers, int width, int heads, int batch, int length, int vocabulary) {
            shape = new TextWorkload(Encoding.ROPE, layers, width, heads, batch, length, vocabulary, 0, 1);
        }
    }

    /** ViT-S with 2 of its blocks, at a resolution that two cores can train. */
    private static final ImageWorkload IMAGES = new ImageWorkload(Encoding.SEQPE, 2, 384, 6, 32, 128, 16, 1000, 1);

    private static final List<String> LANGUAGE_OPTIONS = List.of("--preset", "--length", "--vocabulary");
    private static final List<String> IMAGE_OPTIONS = List.of("--resolution", "--patch", "--classes");

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--task",
            defaultValue = "language",
            description = {
                "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
                "images: ViT-S's width and heads, 2 layers, 32 pictures of 128 x 128 pixels, patches of 16 x 16, 1000 classes."
            })
    private TaskKind task;

    @Option(
            names = "--preset",
            defaultValue = "small",
            description = {
                "Shape of a language model to begin with; the options below change it.",
                "small: 4 layers, width 256, 4 heads, 8 x 256 tokens, vocabulary 8192.",
                "gpt2: GPT-2 small's width and vocabulary, 2 layers, 4 x 512 tokens."
            })
    private Preset preset;

    @Option(
            names = "--encoding",
            description = "Position encoding: ${COMPLETION-CANDIDATES} (default: rope, or seqpe for images).")
    private Encoding encoding;

    @Option(names = "--layers")
    private Integer layers;

    @Option(names = "--width")
    private Integer width;

    @Option(names = "--heads")
    private Integer heads;

    @Option(names = "--batch", description = "Sequences or pictures a step.")
    private Integer batch;

    @Option(names = "--length", description = "Tokens a sequence.")
    private Integer length;

    @Option(names = "--vocabulary")
    private Integer vocabulary;

    @Option(names = "--resolution", description = "Pixels of a picture's side.")
    private Integer resolution;

    @Option(names = "--patch", description = "Pixels of a patch's side.")
    private Integer patch;

    @Option(names = "--classes", description = "Classes of pictures.")
    private Integer classes;

    @Option(names = "--threads", defaultValue = "2", description = "Threads of each side (default: 2).")
    private int threads;

    Workload workload() {
        if (threads < 1 || threads > Runtime.getRuntime().availableProcessors()) {
            throw new UserException(
                    "Cannot measure: expected 1 to " + Runtime.getRuntime().availableProcessors()
                            + " threads (this machine's cores), found " + threads + " (--threads).");
        }
        if (task == TaskKind.ANSWERS) {
            throw new UserException("Cannot measure: expected the task language or images, found answers (--task)."
                    + " A step of answers is one of language.");
        }
        refuse(task == TaskKind.LANGUAGE ? IMAGE_OPTIONS : LANGUAGE_OPTIONS);
        Workload workload = task == TaskKind.LANGUAGE ? texts() : images();
        // Refuses what no model can be.
        workload.runConfig();
        return workload;
    }

    /** @throws UserException if another task was chosen */
    TextWorkload textWorkload() {
        if (workload() instanceof TextWorkload texts) {
            return texts;
        }
        throw new UserException("Cannot measure: expected the task language, found images (--task).");
    }

    private void refuse(List<String> options) {
        for (String option : options) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new UserException("Cannot measure: expected options of the task "
                        + task.name().toLowerCase(Locale.ROOT) + ", found " + option + ".");
            }
        }
    }

    private TextWorkload texts() {
        TextWorkload shape = preset.shape;
        return new TextWorkload(
                or(encoding, shape.encoding()),
                or(layers, shape.layers()),
                or(width, shape.width()),
                or(heads, shape.heads()),
                or(batch, shape.batch()),
                or(length, shape.length()),
                or(vocabulary, shape.vocabulary()),
                0,
                threads);
    }

    private ImageWorkload images() {
        return new ImageWorkload(
                or(encoding, IMAGES.encoding()),
                or(layers, IMAGES.layers()),
                or(width, IMAGES.width()),
                or(heads, IMAGES.heads()),
                or(batch, IMAGES.batch()),
                or(resolution, IMAGES.resolution()),
                or(patch, IMAGES.patch()),
                or(classes, IMAGES.classes()),
                threads);
    }

    private static <T> T or(T given, T otherwise) {
        return given == null ? otherwise : given;
    }
}
