package org.seqpe.model.position;

import org.seqpe.compute.Device;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;

/** Makes one kind of position encoding, and says which parameters it has. Most have none. */
@FunctionalInterface
public interface EncodingFactory {
    /** The encoding of one model; {@code training} where a backward pass will be asked for. */
    PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training);

    /** The most coordinates that a position may have: 1 for encodings that know sequences only. */
    default int mostDimensions() {
        return 1;
    }

    /** Adds the arrays that stand between the task's input and the blocks. */
    default void addParameters(ModelSpec spec, ParameterLayout.Builder layout) {}

    /** Adds the arrays that stand before those of a block. */
    default void addBlockParameters(ModelSpec spec, int layer, ParameterLayout.Builder layout) {}

    /** Adds the arrays that stand at the end: an encoder of positions. */
    default void addEncoderParameters(ModelSpec spec, ParameterLayout.Builder layout) {}
}
