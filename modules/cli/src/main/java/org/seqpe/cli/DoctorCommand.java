package org.seqpe.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.seqpe.cli.doctor.Diagnosis;
import org.seqpe.core.Redaction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seqpe doctor}: shows what this program finds on a machine and which devices it would compute with. */
@Command(
        name = "doctor",
        description =
                "Shows what the program finds on this machine, and tries every kind of device. Starts no Spark; ends with status 0 whatever is missing.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe doctor",
            "  seqpe doctor --json > doctor.json",
            "",
            "Put what it prints into a report of a problem. It contains paths and settings of this machine;",
            "values that look like credentials are left out."
        })
final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private String flaw = "";

    /**
     * Notes that the program could not be prepared for this machine, which does not keep this command from its work.
     */
    void startFailed(Throwable failure) {
        flaw = Redaction.text(Failures.reason(failure));
    }

    @Override
    public Integer call() {
        Diagnosis diagnosis = new Diagnosis(unpackedLibraries(), flaw);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.print(diagnosis.json());
        } else {
            diagnosis.text(section -> {
                out.println(section.stripTrailing());
                out.flush();
            });
        }
        return 0;
    }

    private static Path unpackedLibraries() {
        return Optional.ofNullable(System.getProperty(UserEnvironment.NATIVE_CACHE))
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".javacpp", "cache"));
    }
}
