package org.seqpe.model.text;

import org.seqpe.compute.Device;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;

/** The vectors of tokens, forward and backward. */
public final class TokenEmbedding {
    private final Device device;
    private final Weight embedding;
    private final IntBuffer ids;

    /** @param parameters with the arrays of a {@link LanguageTask} */
    public TokenEmbedding(Parameters parameters, Device device) {
        this.device = device;
        embedding = parameters.weight(LanguageTask.EMBEDDING);
        ids = new IntBuffer(device);
    }

    /** Takes the first {@code count} token ids of the next pass. */
    public void begin(int[] tokens, int count) {
        ids.upload(tokens, count);
    }

    /** Writes their vectors, [count, C]. */
    public void input(Tensor target) {
        device.gather(ids.get(), embedding.value(), target, false);
    }

    /** Adds the gradients of the vectors, [count, C]. */
    public void backward(Tensor dInput) {
        device.scatterAdd(ids.get(), dInput, embedding.gradient());
    }
}
