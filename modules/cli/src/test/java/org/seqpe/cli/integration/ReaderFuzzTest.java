package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files are refused in words, whatever the damage. {@link ReaderFuzz} says how to run it for longer. */
class ReaderFuzzTest {
    private static final int INPUTS = 300;

    @TempDir
    private Path folder;

    @Test
    void everyReaderRefusesOrAccepts() throws Exception {
        double seconds = Double.parseDouble(System.getProperty("fuzz.seconds", "0"));
        long seed = Long.getLong("fuzz.seed", 1);
        String configuration = TinyExperiment.prepared(folder);
        TinyExperiment.trained(configuration, folder.resolve("trained"), 2 * TinyExperiment.STEPS_PER_ROUND);
        Outcome.of("sweep", folder.resolve("trained").toString(), "--set", "evaluation.max-tokens=100")
                .done();
        List<String> findings = new ArrayList<>();
        ReaderFuzz fuzz = new ReaderFuzz(folder.resolve("fuzz"), folder.resolve("data"), folder.resolve("trained"));
        for (String target : fuzz.targets()) {
            long before = fuzz.inputs();
            long refused = fuzz.refused();
            for (ReaderFuzz.Finding finding : fuzz.run(target, seed, INPUTS, seconds)) {
                findings.add(finding.target() + ", seed " + finding.seed() + ": " + finding.what());
            }
            if (seconds > 0) {
                System.out.println(String.format(
                        Locale.ROOT, "| %s | %,d | %,d |", target, fuzz.inputs() - before, fuzz.refused() - refused));
            }
        }
        assertThat(findings).isEmpty();
    }
}
