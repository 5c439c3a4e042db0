package org.seqpe.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.seqpe.core.config.PositionConfig.Encoding;

/** The two implementations compute the same, and the check sees it where they do not. */
class AgreementTest {
    private static final int STEPS = 4;

    private static TextWorkload workload(Encoding encoding) {
        return new TextWorkload(encoding, 2, 32, 2, 2, 16, 64, 0, 2);
    }

    private static ImageWorkload images(Encoding encoding) {
        return new ImageWorkload(encoding, 2, 32, 2, 4, 12, 4, 10, 2);
    }

    private static List<Batch> batches(Workload workload) {
        return List.of(workload.batch(0), workload.batch(1));
    }

    @ParameterizedTest
    @EnumSource(names = {"ROPE", "LEARNED", "NONE"})
    void bothSidesTrainAlike(Encoding encoding) {
        assertAgreement(workload(encoding));
    }

    /** With SeqPE, the losses include those of positions, and the position encoder's gradient norm is compared too. */
    @ParameterizedTest
    @EnumSource(names = {"SEQPE", "NONE"})
    void bothSidesTrainVisionTransformersAlike(Encoding encoding) {
        assertAgreement(images(encoding));
    }

    private static void assertAgreement(Workload workload) {
        try (SeqPeSide ours = new SeqPeSide(workload)) {
            List<Side> sides = List.of(
                    ours,
                    SideKind.LIBTORCH_ONEDNN.create(workload, ours::values),
                    SideKind.LIBTORCH_OPENBLAS.create(workload, ours::values));
            assertThat(Agreement.check(sides, batches(workload), STEPS, false).steps())
                    .isEqualTo(STEPS);
        }
    }

    @Test
    void oneWeightOfThePositionEncoderIsSeen() {
        ImageWorkload workload = images(Encoding.SEQPE);
        try (SeqPeSide ours = new SeqPeSide(workload)) {
            Side other = SideKind.LIBTORCH_OPENBLAS.create(workload, name -> {
                float[] values = ours.values(name);
                values[0] += name.equals("position_encoder.transformers.1.attn.c_proj.weight") ? 0.5f : 0;
                return values;
            });
            assertThatThrownBy(() -> Agreement.check(List.of(ours, other), batches(workload), STEPS, false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("do not compute the same");
        }
    }

    @Test
    void oneWeightOfManyIsSeen() {
        TextWorkload workload = workload(Encoding.ROPE);
        try (SeqPeSide ours = new SeqPeSide(workload)) {
            Side other = SideKind.LIBTORCH_OPENBLAS.create(workload, name -> {
                float[] values = ours.values(name);
                values[0] += name.equals("transformer.h.1.mlp.c_proj.weight") ? 0.5f : 0;
                return values;
            });
            assertThatThrownBy(() -> Agreement.check(List.of(ours, other), batches(workload), STEPS, false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("do not compute the same");
        }
    }

    @Test
    void thePhasesOfAVisionTransformersStepAreFound() {
        ImageWorkload workload = images(Encoding.SEQPE);
        try (SeqPeSide ours = new SeqPeSide(workload)) {
            Side.Phases phases = ours.phases(workload.batch(0));
            assertThat(phases.backward()).isGreaterThan(phases.optimizer());
        }
    }

    @Test
    void aProfiledStepIsAllAccountedFor() {
        TextWorkload workload = workload(Encoding.ROPE);
        try (SeqPeSide ours = new SeqPeSide(workload)) {
            KernelClock clock = ours.profile(() -> ours.train(workload.batch(0)));
            double kernels = clock.kernels().values().stream()
                    .mapToDouble(Double::doubleValue)
                    .sum();
            assertThat(clock.phases().total()).isCloseTo(kernels, withinPercentage(1));
            assertThat(clock.bySection())
                    .containsKeys(
                            "products",
                            "attention",
                            "losses",
                            "layer norm",
                            "elementwise",
                            "embeddings",
                            "optimizer",
                            "host");
        }
    }
}
