package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.ConfigReader;

class TrainPlanTest {

    /**
     * GPT-2 small with learned positions has the 124,439,808 parameters that its authors' checkpoint has at 1024
     * positions.
     */
    @Test
    void countsGpt2() {
        TrainPlan plan = TrainPlan.of(ConfigReader.defaults(List.of(
                        "data.path=/data",
                        "model.position.encoding=learned",
                        "train.length=1024",
                        "train.steps=1001",
                        "optimizer.schedule.warmup-steps=10",
                        "train.steps-per-round=100",
                        "train.replicas=2",
                        "train.batch=8"))
                .resolveVocabulary(50257));
        assertThat(plan.parameters()).isEqualTo(124_439_808);
        assertThat(plan.parametersByPart())
                .containsEntry("token embeddings", 50257L * 768)
                .containsEntry("position table and projections", 1024L * 768)
                .containsEntry("final layer norm", 2L * 768);
        assertThat(plan.unitsPerStep()).isEqualTo(2 * 8 * 1024);
        assertThat(plan.units()).isEqualTo(1001L * 2 * 8 * 1024);
        assertThat(plan.rounds()).isEqualTo(11);
        assertThat(plan.bytesPerRound()).isEqualTo(2L * 2 * 4 * 124_439_808);
        assertThat(plan.stateBytes()).isEqualTo(16L * 124_439_808);
        assertThat(plan.toString()).contains("124,439,808", "1.9 GiB");
    }

    @Test
    void countsThePositionEncoderApart() {
        // Width 768; 2 blocks; 5 digits; an output projection; and one map to query and key halves in the main model.
        long width = 768;
        long block = 12 * width * width + 13 * width;
        long encoder = width + 5 * width + 10 * width + 2 * block + 2 * width + width * width + width;
        long maps = 2 * width * width + 2 * width;
        TrainPlan plan =
                TrainPlan.of(ConfigReader.defaults(List.of("data.path=/data")).resolveVocabulary(50257));
        assertThat(plan.parametersByPart())
                .containsEntry("position encoder", encoder)
                .containsEntry("position table and projections", maps)
                .containsEntry("blocks", 12 * block);
        assertThat(plan.parameters()).isEqualTo(50257 * width + maps + 12 * block + 2 * width + encoder);
    }
}
