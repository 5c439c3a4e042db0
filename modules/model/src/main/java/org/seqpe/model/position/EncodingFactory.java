package org.seqpe.model.position;

import org.seqpe.compute.Device;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;

/** Creates one kind of position encoding and declares its parameters. Most kinds have none. */
@FunctionalInterface
public interface EncodingFactory {
    /** Creates the encoding of one model; {@code training} says whether there will be a backward pass. */
    PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training);

    /** The most coordinates that a position may have: 1 for encodings that support only sequences. */
    default int mostDimensions() {
        return 1;
    }

    /** The fewest coordinates that a position may have: 2 for encodings that support only grids. */
    default int fewestDimensions() {
        return 1;
    }

    /** Adds the arrays that come between the task's input and the blocks. */
    default void addParameters(ModelSpec spec, ParameterLayout.Builder layout) {}

    /** Adds the arrays that come before those of a block. */
    default void addBlockParameters(ModelSpec spec, int layer, ParameterLayout.Builder layout) {}

    /** Adds the arrays that come last: those of a position encoder. */
    default void addEncoderParameters(ModelSpec spec, ParameterLayout.Builder layout) {}
}
