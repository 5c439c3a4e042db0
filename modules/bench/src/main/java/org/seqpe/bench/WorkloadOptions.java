package org.seqpe.bench;

import org.seqpe.core.UserException;
import org.seqpe.core.config.PositionConfig.Encoding;
import picocli.CommandLine.Option;

/** Command line options that describe a {@link Workload}. */
final class WorkloadOptions {
    private enum Preset {
        SMALL(4, 256, 4, 8, 256, 8192),
        GPT2(2, 768, 12, 4, 512, 50257);

        private final Workload shape;

        Preset(int layers, int width, int heads, int batch, int length, int vocabulary) {
            shape = new Workload(Encoding.ROPE, layers, width, heads, batch, length, vocabulary, 0, 1);
        }
    }

    @Option(
            names = "--preset",
            defaultValue = "small",
            description = {
                "Shape to begin with; the options below change it.",
                "small: 4 layers, width 256, 4 heads, 8 x 256 tokens, vocabulary 8192.",
                "gpt2: GPT-2 small's width and vocabulary, 2 layers, 4 x 512 tokens."
            })
    private Preset preset;

    @Option(names = "--encoding", defaultValue = "rope", description = "Position encoding: ${COMPLETION-CANDIDATES}.")
    private Encoding encoding;

    @Option(names = "--layers")
    private Integer layers;

    @Option(names = "--width")
    private Integer width;

    @Option(names = "--heads")
    private Integer heads;

    @Option(names = "--batch", description = "Sequences a step.")
    private Integer batch;

    @Option(names = "--length", description = "Tokens a sequence.")
    private Integer length;

    @Option(names = "--vocabulary")
    private Integer vocabulary;

    @Option(names = "--threads", defaultValue = "2", description = "Threads of each side (default: 2).")
    private int threads;

    Workload workload() {
        Workload shape = preset.shape;
        if (threads < 1 || threads > Runtime.getRuntime().availableProcessors()) {
            throw new UserException(
                    "Cannot measure: expected 1 to " + Runtime.getRuntime().availableProcessors()
                            + " threads (this machine's cores), found " + threads + " (--threads).");
        }
        Workload workload = new Workload(
                encoding,
                or(layers, shape.layers()),
                or(width, shape.width()),
                or(heads, shape.heads()),
                or(batch, shape.batch()),
                or(length, shape.length()),
                or(vocabulary, shape.vocabulary()),
                0,
                threads);
        // Refuses what no model can be.
        workload.runConfig();
        return workload;
    }

    private static int or(Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }
}
