package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.seqpe.cli.CapturedOutput;
import org.seqpe.cli.Seqpe;

/**
 * What a command did.
 *
 * @param status its exit status
 * @param printed its standard output
 * @param complained its standard error
 */
record Outcome(int status, String printed, String complained) {

    /** Runs a command in this JVM, through the program's entry. */
    static Outcome of(String... arguments) {
        try (CapturedOutput output = new CapturedOutput()) {
            int status = Seqpe.run(arguments);
            return new Outcome(status, output.printed(), output.complained());
        }
    }

    /** Expects it to have succeeded. */
    Outcome done() {
        assertThat(status).as(complained).isZero();
        return this;
    }
}
