package org.seqpe.bench.gpu;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Devices;
import org.seqpe.compute.Precision;
import org.seqpe.core.config.DeviceConfig;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One part of the GPU check in a process of its own: what the script `run` of modules/bench/src/main/gpu calls. */
@Command(name = "gpu-check", description = "Runs one part of the GPU check.")
public final class GpuCheck implements Callable<Integer> {
    private enum Name {
        MACHINE,
        STEP,
        TIMES,
        TRAINING
    }

    @Parameters(paramLabel = "PART", description = "${COMPLETION-CANDIDATES}")
    private Name name;

    @Option(names = "--sizes", defaultValue = "full", description = "full, or tiny to see that the part runs.")
    private Sizes sizes;

    @Option(names = "--seconds", defaultValue = "60", description = "After these the part begins nothing new.")
    private double seconds;

    @Option(names = "--text", description = "A file to train on.")
    private Path text;

    @Option(names = "--figures", description = "Where figures go, as JSON.")
    private Path file;

    private GpuCheck() {}

    @Override
    public Integer call() {
        Figures figures = new Figures(file);
        try {
            switch (name) {
                case MACHINE -> new MachinePart(figures, sizes).run();
                case STEP -> new StepPart(figures, sizes).run();
                case TIMES -> new TimesPart(figures, sizes, seconds).run();
                case TRAINING -> new TrainingPart(figures, sizes, seconds, text).run();
            }
        } catch (RuntimeException | LinkageError e) {
            e.printStackTrace(System.out);
            figures.fail("%s", e);
        }
        return figures.hasFailed() ? 1 : 0;
    }

    static DeviceProvider cudaProvider() {
        return Devices.providers().stream()
                .filter(provider -> provider.kind() == DeviceConfig.Kind.CUDA)
                .findFirst()
                .orElseThrow();
    }

    static DeviceSpec cuda(Precision precision) {
        return new DeviceSpec(DeviceConfig.Kind.CUDA, "", 1, precision, false);
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new GpuCheck());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // Native threads would keep the process from ending.
        System.exit(line.execute(arguments));
    }
}
