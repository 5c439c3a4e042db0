package org.seqpe.spark.round;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.round.ReplicaReport.Measure;

class RoundResultTest {
    private static ReplicaReport report(int replica, long tokens, Map<String, Measure> measures) {
        return new ReplicaReport(replica, tokens, measures, "", 0, null, new ReplicaReport.Times(0, 0, 0, 0), "", "");
    }

    @Test
    void aMeasureIsAveragedOverTheStepsThatHaveIt() {
        // Of two steps with 10 tokens each, the first replica had the transfer loss 4 in one, the second replica in
        // none.
        RoundResult result = new RoundResult(
                new RoundPlan("run", 1, 0, 0, 2, List.of(new SavedMoments.Zero(), new SavedMoments.Zero())),
                List.of(
                        report(
                                0,
                                20,
                                Map.of(
                                        Replica.LOSS,
                                        new Measure(10, 10).plus(new Measure(30, 10)),
                                        "transfer_loss",
                                        new Measure(40, 10))),
                        report(1, 60, Map.of(Replica.LOSS, new Measure(300, 60)))),
                null,
                null,
                0,
                0,
                0);
        assertThat(result.means()).isEqualTo(Map.of(Replica.LOSS, (40.0 + 300) / 80, "transfer_loss", 4.0));
        assertThat(result.loss()).isEqualTo(4.25);
        assertThat(result.replicas().get(0).loss()).isEqualTo(2);
    }
}
