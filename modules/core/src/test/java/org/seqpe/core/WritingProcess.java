package org.seqpe.core;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.seqpe.core.events.EventFiles;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Safetensors;
import org.seqpe.core.random.RandomStream;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.core.run.RunLock;

/**
 * A small process that writes to a run folder what training writes, in training's order and through the same classes,
 * as fast as it can: after each round a line of metrics, an event and a checkpoint, of which the two newest and the
 * best are kept. Each round's values are made from those of the round before, which a new process takes from the last
 * checkpoint. It says "from N" when it has restored round N, and "N" once round N is saved.
 */
final class WritingProcess {
    private static final int KEPT = 2;
    private static final String TENSOR = "values";
    /** A file that another process contributes in training. */
    static final String MOMENTS = "moments-0000.safetensors";

    private WritingProcess() {}

    /**
     * How much a round leaves.
     *
     * @param model values in the checkpoint's model
     * @param moments values in its other file
     * @param metrics numbers in the line of metrics
     * @param events scalars in the event
     */
    record Sizes(int model, int moments, int metrics, int events) {}

    record State(int round, double loss) {}

    /**
     * Starts it.
     *
     * @param last round after which it ends by itself
     * @param fileBlocks a limit on the size of every file in the shell's blocks of 512 or 1024 bytes; 0 for none
     * @param said gets its standard output
     * @param complained gets its standard error
     */
    static Process start(Path run, int last, Sizes sizes, int fileBlocks, Path said, Path complained)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (fileBlocks > 0) {
            command.addAll(List.of("sh", "-c", "ulimit -f " + fileBlocks + "; exec \"$0\" \"$@\""));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                WritingProcess.class.getName(),
                run.toString()));
        Stream.of(last, sizes.model(), sizes.moments(), sizes.metrics(), sizes.events())
                .map(String::valueOf)
                .forEach(command::add);
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(said.toFile()))
                .redirectError(complained.toFile())
                .start();
    }

    /** What a round's values are made to. */
    static void advance(float[] values, int round) {
        RandomStream random = RandomStream.of(5, round);
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.5f * values[i] + (float) random.nextDouble();
        }
    }

    static double loss(int round) {
        return RandomStream.of(6, round).nextDouble();
    }

    static float[] read(Checkpoints.Checkpoint checkpoint, String file) {
        try (Safetensors.Reader reader = Safetensors.open(checkpoint.file(file))) {
            return reader.read(TENSOR);
        }
    }

    public static void main(String[] arguments) {
        RunFolder run = new RunFolder(arguments[0]);
        int last = Integer.parseInt(arguments[1]);
        Sizes sizes = new Sizes(
                Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]),
                Integer.parseInt(arguments[4]),
                Integer.parseInt(arguments[5]));
        try (RunLock lock = run.lock(false);
                EventFiles events = new EventFiles(run.tensorboard())) {
            Checkpoints checkpoints = run.checkpoints();
            checkpoints.removeLeftovers();
            float[] model = new float[sizes.model()];
            float[] moments = new float[sizes.moments()];
            int round = 0;
            Checkpoints.Checkpoint restored = checkpoints.latest().orElse(null);
            if (restored != null) {
                State state = restored.state(State.class);
                round = state.round();
                model = read(restored, Checkpoints.MODEL);
                moments = read(restored, MOMENTS);
                markIfBest(checkpoints, state);
            }
            run.metrics().truncateAfter(round);
            events.restartAfter(round);
            System.out.println("from " + round);
            while (round < last) {
                round++;
                advance(model, round);
                advance(moments, round);
                lock.requireHeld();
                log(run, events, round, sizes);
                save(checkpoints, new State(round, loss(round)), model, moments);
                System.out.println(round);
            }
        }
    }

    private static void log(RunFolder run, EventFiles events, int round, Sizes sizes) {
        run.metrics().append(round, Map.of("losses", Collections.nCopies(sizes.metrics(), loss(round))));
        Map<String, Double> scalars = new LinkedHashMap<>();
        for (int i = 0; i < sizes.events(); i++) {
            scalars.put("loss/" + i, loss(round));
        }
        events.scalars(round, scalars);
    }

    private static void save(Checkpoints checkpoints, State state, float[] model, float[] moments) {
        checkpoints.write(state.round(), state, Map.of(Checkpoints.MODEL, content(model)), folder -> {
            String attempt = MOMENTS + ".1";
            Checkpoints.FileEntry written = Checkpoints.writeFile(folder, attempt, content(moments));
            HadoopFiles.rename(HadoopFiles.resolve(folder, attempt), HadoopFiles.resolve(folder, MOMENTS));
            return List.of(new Checkpoints.FileEntry(MOMENTS, written.bytes(), written.sha256()));
        });
        markIfBest(checkpoints, state);
        checkpoints.keepNewest(KEPT);
    }

    private static HadoopFiles.Content content(float[] values) {
        return out -> Safetensors.write(out, List.of(Safetensors.of(TENSOR, values, values.length)), Map.of());
    }

    private static void markIfBest(Checkpoints checkpoints, State state) {
        if (checkpoints.bestValidation().map(best -> state.loss() < best.loss()).orElse(true)) {
            checkpoints.markBest(new Checkpoints.Best(state.round(), state.loss()));
        }
    }
}
