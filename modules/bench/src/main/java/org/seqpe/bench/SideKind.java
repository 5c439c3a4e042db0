package org.seqpe.bench;

import java.util.Locale;
import java.util.function.DoubleSupplier;
import org.bytedeco.pytorch.global.torch;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Precision;
import org.seqpe.core.config.DeviceConfig;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.task.Tasks;

/** The sides that can be compared. */
enum SideKind {
    SEQPE,
    SEQPE_BF16,
    LIBTORCH_BF16,
    LIBTORCH_ONEDNN,
    LIBTORCH_OPENBLAS;

    /** @param values the values to begin with; ignored by our sides, which draw the same */
    Side create(Workload workload, LibtorchWeights.Values values) {
        return switch (this) {
            case SEQPE -> new SeqPeSide(workload);
            case SEQPE_BF16 -> new SeqPeSide(workload, "seqpe-spark (bf16)", bfloat16(workload), null);
            case LIBTORCH_BF16 -> new LibtorchSide(workload, values, LibtorchProducts.AUTOCAST);
            case LIBTORCH_ONEDNN -> new LibtorchSide(workload, values, LibtorchProducts.ONEDNN);
            case LIBTORCH_OPENBLAS -> new LibtorchSide(workload, values, LibtorchProducts.OPENBLAS);
        };
    }

    private static DeviceSpec bfloat16(Workload workload) {
        return new DeviceSpec(DeviceConfig.Kind.CPU, "", workload.threads(), Precision.BFLOAT16, false);
    }

    /** Whether it is ours, from whose starting values the others begin. */
    boolean isOurs() {
        return this == SEQPE || this == SEQPE_BF16;
    }

    /** Whether its products are of bfloat16. */
    boolean isRounded() {
        return this == SEQPE_BF16 || this == LIBTORCH_BF16;
    }

    /** Loads the native libraries that this side needs, so that they do not count as the model's memory. */
    void load() {
        if (isOurs()) {
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
