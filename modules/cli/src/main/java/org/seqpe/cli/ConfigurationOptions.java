package org.seqpe.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import picocli.CommandLine.Option;

/** The options that say which configuration a command works with. */
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

    /** @param more further {@code key=value} texts, stronger than --set */
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

    /** A path as it is, or a bare name from the folder of ready experiments. */
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
