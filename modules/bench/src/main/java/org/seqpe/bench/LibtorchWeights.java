package org.seqpe.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;

/** The parameters of a model in libtorch: they begin with given values, and are sorted as ours are. */
final class LibtorchWeights {
    /** Where the starting values come from: our names, our shapes. */
    interface Values {
        float[] of(String name);
    }

    /**
     * The parameters of a part that was asked for.
     *
     * @param decaying matrices and embeddings, which decay
     * @param others biases, layer norms and the like, which do not
     */
    record Sorted(List<Tensor> decaying, List<Tensor> others) {
        private Sorted() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    private final ParameterLayout layout;
    private final Values values;
    private final Map<Part, Sorted> parts = new EnumMap<>(Part.class);

    LibtorchWeights(ParameterLayout layout, Values values) {
        this.layout = layout;
        this.values = values;
        for (Part part : Part.values()) {
            parts.put(part, new Sorted());
        }
    }

    /** The parameters that were made until now. */
    Sorted part(Part part) {
        return parts.get(part);
    }

    /** A parameter in our shape. */
    Tensor get(String name) {
        return get(name, layout.entry(name).extents());
    }

    /** A parameter in another shape. */
    Tensor get(String name, long... shape) {
        return add(name, Tensor.create(values.of(name), shape));
    }

    /** nn.Linear's layout [out, in] of a matrix that GPT-2 keeps as [in, out]. */
    Tensor transposed(String name) {
        return add(
                name,
                Tensor.create(values.of(name), layout.entry(name).extents()).t().contiguous());
    }

    private Tensor add(String name, Tensor tensor) {
        tensor.set_requires_grad(true);
        ParameterLayout.Entry entry = layout.entry(name);
        Sorted sorted = parts.get(entry.part());
        (entry.decay() == Decay.ALWAYS ? sorted.decaying : sorted.others).add(tensor);
        return tensor;
    }
}
