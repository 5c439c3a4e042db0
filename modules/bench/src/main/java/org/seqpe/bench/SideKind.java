package org.seqpe.bench;

import java.util.Locale;
import java.util.function.DoubleSupplier;
import org.bytedeco.pytorch.global.torch;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.task.Tasks;

/** The sides that can be compared. */
enum SideKind {
    SEQPE,
    LIBTORCH_ONEDNN,
    LIBTORCH_OPENBLAS;

    /** @param values the values to begin with; ignored by our side, which is where they come from */
    Side create(Workload workload, LibtorchWeights.Values values) {
        return switch (this) {
            case SEQPE -> new SeqPeSide(workload);
            case LIBTORCH_ONEDNN -> new LibtorchSide(workload, values, LibtorchProducts.ONEDNN);
            case LIBTORCH_OPENBLAS -> new LibtorchSide(workload, values, LibtorchProducts.OPENBLAS);
        };
    }

    /** Loads the native libraries that this side needs, so that they do not count as the model's memory. */
    void load() {
        if (this == SEQPE) {
            Nd4j.create(1);
        } else {
            torch.manual_seed(Workload.SEED);
        }
    }

    /** Starting values for a side that stands alone. */
    static LibtorchWeights.Values randomValues(Workload workload) {
        ParameterLayout layout = ModelLayout.of(Tasks.spec(workload.runConfig()));
        return name -> {
            ParameterLayout.Entry entry = layout.entry(name);
            DoubleSupplier draws = entry.initial().draw(RandomStream.of(Workload.SEED, name.hashCode()));
            float[] values = new float[Math.toIntExact(entry.size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) draws.getAsDouble();
            }
            return values;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
