package org.seqpe.model.network;

import java.util.EnumMap;
import java.util.Map;
import org.seqpe.compute.Device;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.position.Alibi;
import org.seqpe.model.position.EncodingFactory;
import org.seqpe.model.position.Learned;
import org.seqpe.model.position.MixedRotary;
import org.seqpe.model.position.NoPositions;
import org.seqpe.model.position.PositionEncoding;
import org.seqpe.model.position.Rotary;
import org.seqpe.model.position.Sinusoidal;
import org.seqpe.model.seqpe.SeqPePositions;

/** The position encodings that a configuration can name, one line each. */
public final class PositionEncodings {
    private static final Map<Encoding, EncodingFactory> FACTORIES = new EnumMap<>(Map.of(
            Encoding.SEQPE, SeqPePositions.FACTORY,
            Encoding.ROPE, Rotary.FACTORY,
            Encoding.ROPE_MIXED, MixedRotary.FACTORY,
            Encoding.ALIBI, Alibi.FACTORY,
            Encoding.SINUSOIDAL, Sinusoidal.FACTORY,
            Encoding.LEARNED, Learned.FACTORY,
            Encoding.NONE, NoPositions.FACTORY));

    private PositionEncodings() {}

    /** Creates the encoding that a model's configuration names. */
    static PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training) {
        return factory(spec).create(spec, parameters, device, training);
    }

    /**
     * The factory of the encoding that a model's configuration names.
     *
     * @throws IllegalArgumentException if the encoding does not support a grid with as many dimensions as the task's
     */
    static EncodingFactory factory(ModelSpec spec) {
        EncodingFactory factory = of(spec.position().encoding());
        int dimensions = spec.grid().dimensions();
        if (dimensions > factory.mostDimensions() || dimensions < factory.fewestDimensions()) {
            throw new IllegalArgumentException("Cannot encode positions: expected positions of "
                    + (dimensions > factory.mostDimensions()
                            ? "at most " + factory.mostDimensions()
                            : "at least " + factory.fewestDimensions())
                    + " dimensions for the encoding " + spec.position().encoding() + ", found the grid " + spec.grid()
                    + " of the task " + spec.task().name());
        }
        return factory;
    }

    /** The factory of an encoding. */
    static EncodingFactory of(Encoding encoding) {
        EncodingFactory factory = FACTORIES.get(encoding);
        if (factory == null) {
            throw new IllegalStateException("Cannot find the position encoding " + encoding
                    + ": expected a line in PositionEncodings, found none");
        }
        return factory;
    }
}
