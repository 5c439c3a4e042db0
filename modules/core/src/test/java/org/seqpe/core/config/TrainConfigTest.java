package org.seqpe.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.OuterConfig.Optimizer;

class TrainConfigTest {
    private static TrainConfig train(String... overrides) {
        List<String> all = new ArrayList<>(List.of("data.path=/data", "optimizer.schedule.warmup-steps=0"));
        all.addAll(List.of(overrides));
        return ConfigReader.defaults(all).train();
    }

    private static List<Integer> rounds(TrainConfig train) {
        List<Integer> lengths = new ArrayList<>();
        for (int step = 0; step < train.steps(); step += lengths.get(lengths.size() - 1)) {
            lengths.add(train.stepsOfRound(step));
        }
        return lengths;
    }

    @Test
    void roundsFollowTheScheduleAndEndWithTheRun() {
        assertThat(rounds(train("train.steps=20", "train.steps-per-round=8"))).containsExactly(8, 8, 4);
        TrainConfig scheduled = train(
                "train.steps=20",
                "train.steps-per-round=4",
                "train.round-schedule=[{from-step=6, steps=5}, {from-step=12, steps=100}]");
        assertThat(rounds(scheduled)).containsExactly(4, 2, 5, 1, 8);
        assertThat(scheduled.rounds()).isEqualTo(5);
    }

    @Test
    void theOuterOptimizerFollowsTheNumberOfReplicas() {
        assertThat(train("train.replicas=1").resolvedOuter().optimizer()).isEqualTo(Optimizer.AVERAGE);
        assertThat(train("train.replicas=2").resolvedOuter()).hasToString("nesterov, learning rate 0.6, momentum 0.9");
        assertThat(train("train.replicas=8").resolvedOuter()).hasToString("nesterov, learning rate 0.8, momentum 0.9");
        assertThat(train("train.replicas=1", "train.outer.optimizer=nesterov")
                        .resolvedOuter()
                        .learningRate())
                .isEqualTo(0.4);
        assertThat(train("train.outer.optimizer=slowmo").resolvedOuter())
                .hasToString("slowmo, learning rate 1.0, momentum 0.9");
        assertThat(train("train.outer.learning-rate=0.7").resolvedOuter().learningRate())
                .isEqualTo(0.7);
    }

    @Test
    void theOuterLearningRateFollowsItsSchedule() {
        OuterConfig outer = train(
                        "train.outer.schedule=[{from-step=10, learning-rate=0.5}, {from-step=20, learning-rate=0.25}]")
                .resolvedOuter();
        assertThat(List.of(0, 9, 10, 19, 20, 99))
                .extracting(outer::learningRate)
                .containsExactly(0.6, 0.6, 0.5, 0.5, 0.25, 0.25);
    }
}
