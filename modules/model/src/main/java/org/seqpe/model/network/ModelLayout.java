package org.seqpe.model.network;

import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.position.EncodingFactory;
import org.seqpe.model.transformer.Trunk;

/**
 * The flat parameter vector of a model: the task's input, the shared arrays of the position encoding, the blocks, the
 * last norm, the task's head, and the position encoder. Checkpoints depend on this order and on the names.
 */
public final class ModelLayout {
    private static final String POSITIONS = "position table and projections";

    private ModelLayout() {}

    /** The layout of a model's parameters. */
    public static ParameterLayout of(ModelSpec spec) {
        ParameterLayout.Builder layout = new ParameterLayout.Builder();
        EncodingFactory encoding = PositionEncodings.factory(spec);
        spec.task().addInputParameters(spec.config(), layout);
        encoding.addParameters(spec, layout.group(POSITIONS));
        for (int i = 0; i < spec.config().layers(); i++) {
            encoding.addBlockParameters(spec, i, layout.group(POSITIONS));
            Trunk.addBlockParameters(spec.config(), i, layout.group("blocks"));
        }
        Trunk.addLastNormParameters(spec.config(), layout.group("final layer norm"));
        spec.task().addHeadParameters(spec.config(), layout.group("head"));
        encoding.addEncoderParameters(spec, layout.group("position encoder"));
        return layout.build();
    }
}
