package org.seqpe.cli.integration;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Safetensors;
import org.seqpe.core.random.RandomStream;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.evaluation.report.SweepFiles;
import org.seqpe.evaluation.text.LanguageRow;

/**
 * Gives damaged files to every reader. Each input is a real file of a small run or dataset that was changed at random,
 * from a seed. A reader may accept it or refuse it with a {@link UserException} that names the file; anything else is a
 * finding: another exception, an error, more than {@value #MOST_SECONDS} s, or much more memory than the file has
 * bytes. {@code ReaderFuzzTest} runs some hundred inputs in every build. A campaign, for a number of seconds a reader:
 *
 * <pre>
 * ./mvnw -q -pl modules/cli -am test -Dtest=ReaderFuzzTest -Dsurefire.failIfNoSpecifiedTests=false -Dfuzz.seconds=240 -Dfuzz.seed=1
 * </pre>
 */
final class ReaderFuzz {
    private static final int MOST_SECONDS = 2;
    private static final long MOST_BYTES = 64L << 20;
    private static final int MOST_FINDINGS = 5;
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE]-?\\d+)?");
    private static final Pattern TEXT = Pattern.compile("\"[^\"\\n]*\"");
    private static final List<String> VALUES = List.of(
            "-1",
            "0",
            "1",
            "255",
            "65536",
            "2147483647",
            "2147483648",
            "-2147483649",
            "4294967296",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "1e400",
            "1.5",
            "NaN",
            "\"x\"",
            "\"\"",
            "null",
            "true",
            "[]",
            "{}",
            "[[[[]]]]",
            "\"../../../etc/passwd\"",
            "\"/etc/passwd\"",
            "\"\\u0000\"",
            "1" + "0".repeat(2000));
    private static final long[] EXTREMES = {
        -1, 0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40
    };
    private final Path folder;
    private final Map<String, Target> targets = new LinkedHashMap<>();
    private long inputs;
    private long refused;

    /** A file and who reads it. */
    private record Target(Path file, Reading reading) {}

    private interface Reading {
        void read() throws IOException;
    }

    /**
     * What should not have happened.
     *
     * @param target name of the reader
     * @param seed of the input
     * @param what an exception, or what was too much
     * @param input the file's content
     */
    record Finding(String target, long seed, String what, byte[] input) {}

    /**
     * @param folder for the damaged copies
     * @param data a dataset
     * @param run a run with a checkpoint and a sweep
     */
    ReaderFuzz(Path folder, Path data, Path run) throws IOException {
        this.folder = folder;
        Path dataset = folder.resolve("data");
        Path copy = folder.resolve("run");
        FileUtils.copyDirectory(data.toFile(), dataset.toFile());
        FileUtils.copyDirectory(run.toFile(), copy.toFile());
        Path checkpoint;
        try (Stream<Path> steps = Files.list(copy.resolve("checkpoints"))) {
            checkpoint = steps.filter(Files::isDirectory)
                    .sorted()
                    .reduce((a, b) -> b)
                    .orElseThrow();
        }
        for (String tensors : List.of("model", "moments-0000")) {
            Path file = checkpoint.resolve(tensors + ".safetensors");
            targets.put(tensors + ".safetensors", new Target(file, () -> readTensors(file)));
        }
        for (String file : List.of(DatasetManifest.FILE, "train-00000.idx", "train-00000.counts", "train-00000.bin")) {
            targets.put(file, new Target(dataset.resolve(file), () -> readDataset(dataset)));
        }
        RunFolder folderOfRun = new RunFolder(copy.toString());
        targets.put("metrics.jsonl", new Target(copy.resolve("metrics.jsonl"), () -> folderOfRun
                .metrics()
                .lines()));
        targets.put("run.json", new Target(copy.resolve("run.json"), folderOfRun::info));
        targets.put("config.conf", new Target(copy.resolve("config.conf"), folderOfRun::config));
        targets.put("checkpoint.json", new Target(checkpoint.resolve("checkpoint.json"), () -> folderOfRun
                .checkpoints()
                .latest()));
        targets.put("best.json", new Target(copy.resolve("checkpoints/best.json"), () -> folderOfRun
                .checkpoints()
                .best()));
        targets.put("sweep.json", new Target(copy.resolve("sweep.json"), () -> {
            try (InputStream in = HadoopFiles.open(folderOfRun.sweepJson())) {
                new SweepFiles<>(LanguageRow.class).readJson(in, folderOfRun.sweepJson());
            }
        }));
    }

    private static void readTensors(Path file) {
        try (Safetensors.Reader reader = Safetensors.open(file.toString())) {
            reader.names().forEach(name -> reader.read(name, (offset, count, chunk) -> {}));
        }
    }

    private static void readDataset(Path folder) {
        TokenDataset dataset = TokenDataset.open(folder.toString());
        dataset.tokenizer();
        for (String name : dataset.manifest().splits().keySet()) {
            try (TokenSplit split = dataset.split(name)) {
                int[] tokens = new int[(int) Math.min(100, split.tokens())];
                split.read(0, tokens, 0, tokens.length);
            }
        }
    }

    /** The readers' names. */
    List<String> targets() {
        return List.copyOf(targets.keySet());
    }

    /** Inputs so far. */
    long inputs() {
        return inputs;
    }

    /** How many of them were refused. */
    long refused() {
        return refused;
    }

    /**
     * Tries inputs on one reader, from a seed on: so many, or for so many seconds if that is longer. Ends after some
     * findings.
     */
    List<Finding> run(String name, long firstSeed, int count, double seconds) throws IOException {
        Target target = targets.get(name);
        byte[] original = Files.readAllBytes(target.file());
        long end = System.nanoTime() + (long) (1e9 * seconds);
        List<Finding> findings = new ArrayList<>();
        try {
            for (long seed = firstSeed;
                    (seed < firstSeed + count || System.nanoTime() < end) && findings.size() < MOST_FINDINGS;
                    seed++) {
                byte[] input = mutated(original, RandomStream.of(seed, name.hashCode()));
                Files.write(target.file(), input);
                String what = attempt(target, input.length);
                if (what != null) {
                    findings.add(new Finding(name, seed, what, input));
                    Files.write(
                            Files.createDirectories(folder.resolve("findings")).resolve(name + "-" + seed), input);
                }
                inputs++;
            }
        } finally {
            Files.write(target.file(), original);
        }
        return findings;
    }

    /** Null where all is well. */
    private String attempt(Target target, long length) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        try {
            target.reading().read();
        } catch (UserException e) {
            refused++;
            String parent = target.file().getParent().getFileName().toString();
            if (!e.getMessage().contains(target.file().getFileName().toString())
                    && !e.getMessage().contains(parent)) {
                return "a message that does not name the file: " + e.getMessage();
            }
        } catch (Throwable e) {
            StackTraceElement[] trace = e.getStackTrace();
            return e + " at " + (trace.length == 0 ? "?" : trace[0] + (trace.length > 1 ? ", " + trace[1] : ""));
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        return seconds > MOST_SECONDS
                ? seconds + " s"
                : allocated > MOST_BYTES + 50 * length ? allocated + " bytes of memory for a file of " + length : null;
    }

    private static byte[] mutated(byte[] original, RandomStream random) {
        byte[] bytes = original;
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            bytes = bytes.length == 0 ? new byte[] {(byte) random.nextInt(256)} : mutatedOnce(bytes, random);
        }
        return bytes;
    }

    private static byte[] mutatedOnce(byte[] bytes, RandomStream random) {
        int at = random.nextInt(bytes.length);
        // Headers are where readers decide.
        int early = random.nextInt(Math.min(bytes.length, 256));
        int place = random.nextInt(2) == 0 ? at : early;
        byte[] copy = bytes.clone();
        switch (random.nextInt(9)) {
            case 0 -> copy[place] ^= (byte) (1 << random.nextInt(8));
            case 1 -> copy[place] = (byte) "\0\u007f\"{}[],:-09e.\n ".charAt(random.nextInt(16));
            case 2 -> copy = Arrays.copyOf(bytes, place);
            case 3 -> copy = spliced(bytes, place, Math.min(bytes.length, place + 1 + random.nextInt(64)), new byte[0]);
            case 4 -> copy = spliced(
                    bytes,
                    place,
                    place,
                    Arrays.copyOfRange(bytes, early, Math.min(bytes.length, early + 1 + random.nextInt(64))));
            case 5 -> extreme(copy, place & ~3, random, Integer.BYTES);
            case 6 -> extreme(copy, place & ~7, random, Long.BYTES);
            case 7 -> copy = replaced(bytes, NUMBER, random);
            default -> copy = replaced(bytes, TEXT, random);
        }
        return copy;
    }

    private static void extreme(byte[] bytes, int at, RandomStream random, int width) {
        ByteBuffer value = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0, EXTREMES[random.nextInt(EXTREMES.length)]);
        for (int i = 0; i < width && at + i < bytes.length; i++) {
            bytes[at + i] = value.get(i);
        }
    }

    /** Another value in the place of a number or a text of a JSON file, or of the JSON header of another one. */
    private static byte[] replaced(byte[] bytes, Pattern pattern, RandomStream random) {
        int length = Math.min(bytes.length, 1 << 16);
        String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        List<MatchResult> found = pattern.matcher(text).results().limit(2000).toList();
        if (found.isEmpty()) {
            return bytes.clone();
        }
        MatchResult chosen = found.get(random.nextInt(found.size()));
        return spliced(
                bytes,
                chosen.start(),
                chosen.end(),
                VALUES.get(random.nextInt(VALUES.size())).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] between) {
        ByteBuffer all = ByteBuffer.allocate(bytes.length - (to - from) + between.length);
        return all.put(bytes, 0, from)
                .put(between)
                .put(bytes, to, bytes.length - to)
                .array();
    }
}
