package org.seqpe.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import picocli.CommandLine.Option;

/** The options that select a command's configuration. */
final class ConfigurationOptions {
    private static final String SUFFIX = ".conf";

    @Option(
            names = "--conf",
            paramLabel = "FILE",
            required = true,
            description = "Configuration: a path, or the name of a file in conf/ such as wikitext103.")
    private String file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Override one key, such as train.steps=1000; may be repeated. docs/configuration.md lists the keys.")
    private List<String> overrides = List.of();

    /** @param more additional {@code key=value} texts that take precedence over --set */
    RunConfig read(List<String> more) {
        List<String> all = new ArrayList<>(overrides);
        all.addAll(more);
        try {
            return ConfigReader.read(find(file), all);
        } catch (StackOverflowError e) {
            throw new UserException(
                    "Cannot read the configuration " + file
                            + ": expected sections in sections, a few levels deep, found more levels than can be read.",
                    e);
        }
    }

    /**
     * Resolves a configuration: a path stays as it is, and a bare name that is not a file here is looked up in the
     * folder of ready configurations.
     */
    static String find(String file) {
        if (file.contains("/") || HadoopFiles.exists(file) && !HadoopFiles.isFolder(file)) {
            return file;
        }
        String folder = Installation.configurations();
        String named = HadoopFiles.resolve(folder, file.endsWith(SUFFIX) ? file : file + SUFFIX);
        if (!HadoopFiles.exists(named)) {
            String ready = HadoopFiles.list(folder).stream()
                    .map(HadoopFiles.Entry::name)
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .collect(Collectors.joining(", "));
            throw new UserException(
                    "Cannot find the configuration " + file + ": there is no such file here, and none of that name in "
                            + folder + " (ready there: " + (ready.isEmpty() ? "none" : ready) + ").");
        }
        return named;
    }
}
