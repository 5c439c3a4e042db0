package org.seqpe.core.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.seqpe.core.BuildInfo;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;

/**
 * The checkpoints of a run: folders step-00000100 and so on, each with its files and a checkpoint.json that is written
 * last and lists them with size and SHA-256. A folder is filled under a temporary name and renamed when it is complete,
 * so a crash never leaves an incomplete one under its real name.
 */
public final class Checkpoints {
    /** Name of the file with the model's parameters, in safetensors by their GPT-2 names. */
    public static final String MODEL = "model.safetensors";

    private static final String MANIFEST = "checkpoint.json";
    private static final String BEST = "best.json";
    private static final String TEMPORARY = "temporary-";
    /**
     * Accepts decimal digits of any script, because a run that began under a locale with other digits has folders named
     * with them.
     */
    private static final Pattern STEP = Pattern.compile("step-(\\p{Nd}{8,})");

    private static final String FORMAT_KEY = "format";
    private static final int FORMAT = 1;
    private final String folder;

    /** @param folder path of the checkpoints folder; made when the first checkpoint is written */
    public Checkpoints(String folder) {
        this.folder = folder;
    }

    /** A file of a checkpoint. */
    public record FileEntry(String name, long bytes, String sha256) {
        public FileEntry {
            Objects.requireNonNull(sha256, "sha256");
            // A manifest from another source must not point outside its folder.
            if (name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..")) {
                throw new IllegalArgumentException(
                        "expected the name of a file in the checkpoint's folder, found '" + name + "'");
            }
        }
    }

    /**
     * The content of checkpoint.json.
     *
     * @param format version of this layout
     * @param step optimizer steps done
     * @param commit commit of the sources that wrote it
     * @param state state that the trainer needs besides arrays: round, position in the data, seeds
     * @param files the other files
     */
    public record Manifest(int format, long step, String commit, JsonNode state, List<FileEntry> files) {
        public Manifest {
            files = List.copyOf(files);
            if (step < 0 || files.stream().map(FileEntry::name).distinct().count() != files.size()) {
                throw new IllegalArgumentException("expected a step from 0 on and different files, found step " + step
                        + " and " + files.stream().map(FileEntry::name).toList());
            }
        }
    }

    /** A complete checkpoint. */
    public record Checkpoint(String folder, Manifest manifest) {
        public long step() {
            return manifest.step();
        }

        /** Path of one of its files. */
        public String file(String name) {
            return HadoopFiles.resolve(folder, name);
        }

        /**
         * The trainer's state, converted to the record type from which it was written.
         *
         * @throws UserException if it does not fit that record
         */
        public <T> T state(Class<T> type) {
            try {
                return Json.convert(manifest.state(), type, file(MANIFEST));
            } catch (UserException e) {
                throw new UserException(e.getMessage() + "." + otherVersion(manifest.commit()), e);
            }
        }
    }

    /** The best validation so far: {@code loss} at {@code step}. */
    public record Best(long step, double loss) {}

    /**
     * Writes one checkpoint, replacing one of the same step.
     *
     * @param state a record or map that JSON can hold
     * @param files content by file name
     */
    public Checkpoint write(long step, Object state, Map<String, HadoopFiles.Content> files) {
        return write(step, state, files, folder -> List.of());
    }

    /**
     * Writes one checkpoint that includes files from other processes.
     *
     * @param others makes other processes write files to the given folder with {@link #writeFile}, and returns when
     *     they are complete
     */
    public Checkpoint write(
            long step, Object state, Map<String, HadoopFiles.Content> files, Function<String, List<FileEntry>> others) {
        String name = name(step);
        String temporary = HadoopFiles.resolve(folder, TEMPORARY + name);
        removeLeftovers();
        try {
            Manifest manifest = fill(temporary, step, state, files, others);
            String target = HadoopFiles.resolve(folder, name);
            find(step).ifPresent(this::delete);
            HadoopFiles.renameFolder(temporary, target);
            return new Checkpoint(target, manifest);
        } catch (Exception e) {
            // If space ran out, the incomplete checkpoint must not keep occupying it.
            HadoopFiles.deleteQuietly(temporary, e);
            throw e;
        }
    }

    private static Manifest fill(
            String target,
            long step,
            Object state,
            Map<String, HadoopFiles.Content> files,
            Function<String, List<FileEntry>> others) {
        HadoopFiles.createFolders(target);
        List<FileEntry> entries = new ArrayList<>();
        files.forEach((file, content) -> entries.add(writeFile(target, file, content)));
        entries.addAll(others.apply(target));
        entries.sort(Comparator.comparing(FileEntry::name));
        // A process that died while it wrote a file, and was replaced, leaves part of that file behind.
        Set<String> whole = entries.stream().map(FileEntry::name).collect(Collectors.toSet());
        HadoopFiles.list(target).stream()
                .filter(entry -> !whole.contains(entry.name()))
                .forEach(entry -> HadoopFiles.delete(entry.path()));
        Manifest manifest = new Manifest(FORMAT, step, BuildInfo.commit(), Json.tree(state), entries);
        HadoopFiles.writeDurably(
                HadoopFiles.resolve(target, MANIFEST),
                out -> out.write(Json.pretty(manifest).getBytes(StandardCharsets.UTF_8)));
        return manifest;
    }

    /** Writes one file and returns once it is durable. */
    public static FileEntry writeFile(String parent, String name, HadoopFiles.Content content) {
        String path = HadoopFiles.resolve(parent, name);
        MessageDigest digest = HadoopFiles.newSha256();
        HadoopFiles.writeDurably(path, out -> {
            OutputStream hashing = new DigestOutputStream(out, digest);
            content.writeTo(hashing);
            hashing.flush();
        });
        return new FileEntry(name, HadoopFiles.length(path), HexFormat.of().formatHex(digest.digest()));
    }

    /**
     * The newest checkpoint, with every file verified; empty if the run has none.
     *
     * @throws UserException if one of its files is missing, short or altered; the message names the file and says how
     *     to go back to the previous checkpoint
     */
    public Optional<Checkpoint> latest() {
        List<String> names = names();
        return names.isEmpty() ? Optional.empty() : Optional.of(open(names.get(names.size() - 1)));
    }

    /** The checkpoint of the best validation, verified as {@link #latest} does. */
    public Optional<Checkpoint> best() {
        return bestValidation().map(best -> open(find(best.step()).orElseThrow()));
    }

    /**
     * Step and loss of the best validation; also empty if its checkpoint was deleted, as the message about a damaged
     * checkpoint advises.
     */
    public Optional<Best> bestValidation() {
        String path = HadoopFiles.resolve(folder, BEST);
        return HadoopFiles.exists(path)
                ? Optional.of(Json.readFile(path, Best.class))
                        .filter(best -> find(best.step()).isPresent())
                : Optional.empty();
    }

    /** Records that the checkpoint of this step has the best validation. */
    public void markBest(Best best) {
        HadoopFiles.writeAtomically(HadoopFiles.resolve(folder, BEST), Json.pretty(best));
    }

    /** Deletes all checkpoints except the {@code keep} newest and the best. */
    public void keepNewest(int keep) {
        List<String> names = names();
        String best = bestValidation().flatMap(b -> find(b.step())).orElse("");
        names.stream()
                .limit(Math.max(0, names.size() - keep))
                .filter(name -> !name.equals(best))
                .forEach(this::delete);
    }

    /** Steps of the checkpoints, ascending. */
    public List<Long> steps() {
        return names().stream().map(Checkpoints::step).toList();
    }

    /** Name of the folder of a step, in the digits with which it was written. */
    private Optional<String> find(long step) {
        return names().stream().filter(name -> step(name) == step).findFirst();
    }

    /** The step in a folder's name. Java parses the digits of every script. */
    private static long step(String name) {
        return Long.parseLong(name.substring("step-".length()));
    }

    private static String name(long step) {
        return String.format(Locale.ROOT, "step-%08d", step);
    }

    private List<String> names() {
        return HadoopFiles.list(folder).stream()
                .filter(HadoopFiles.Entry::isFolder)
                .map(HadoopFiles.Entry::name)
                .filter(name -> STEP.matcher(name).matches())
                .sorted(Comparator.comparingLong(Checkpoints::step))
                .toList();
    }

    private Checkpoint open(String name) {
        String path = HadoopFiles.resolve(folder, name);
        String manifestPath = HadoopFiles.resolve(path, MANIFEST);
        if (!HadoopFiles.exists(manifestPath)) {
            throw broken(path, manifestPath + " is missing");
        }
        Manifest manifest = manifest(path, manifestPath);
        for (FileEntry file : manifest.files()) {
            String filePath = HadoopFiles.resolve(path, file.name());
            if (!HadoopFiles.exists(filePath)) {
                throw broken(path, filePath + " is missing");
            }
            long length = HadoopFiles.length(filePath);
            if (length != file.bytes()) {
                throw broken(path, "expected " + file.bytes() + " bytes in " + filePath + ", found " + length);
            }
            String sha256 = HadoopFiles.sha256(filePath);
            if (!sha256.equals(file.sha256())) {
                throw broken(path, "expected SHA-256 " + file.sha256() + " of " + filePath + ", found " + sha256);
            }
        }
        return new Checkpoint(path, manifest);
    }

    /** Checks the format before it reads anything else, because everything else may differ in another format. */
    private static Manifest manifest(String checkpoint, String path) {
        JsonNode content;
        Manifest manifest = null;
        try {
            content = Json.readFile(path, JsonNode.class);
            if (content.path(FORMAT_KEY).asInt() == FORMAT) {
                manifest = Json.convert(content, Manifest.class, path);
            }
        } catch (UserException e) {
            throw broken(checkpoint, e.getMessage());
        }
        if (!content.path(FORMAT_KEY).isInt()) {
            throw broken(checkpoint, "expected the number \"" + FORMAT_KEY + "\" in " + path + ", found none");
        }
        if (manifest == null) {
            throw new UserException("Cannot use the checkpoint " + checkpoint + ": expected format " + FORMAT
                    + ", found " + content.path(FORMAT_KEY).asInt() + "."
                    + otherVersion(content.path("commit").asText("unknown")));
        }
        return manifest;
    }

    private static String otherVersion(String commit) {
        return " The checkpoint was written by commit " + commit + ", this is commit " + BuildInfo.commit()
                + ": continue with that version, or begin another run.";
    }

    private static UserException broken(String checkpoint, String problem) {
        return new UserException("Cannot use the checkpoint " + checkpoint + ": " + problem
                + "; restore the file, or delete this checkpoint folder to go back to the one before it.");
    }

    /**
     * Renames a folder before it deletes it, because deleting is not atomic and no incomplete folder may keep its real
     * name.
     */
    private void delete(String name) {
        String path = HadoopFiles.resolve(folder, name);
        if (HadoopFiles.exists(path)) {
            String leaving = HadoopFiles.resolve(folder, TEMPORARY + "deleted-" + name);
            HadoopFiles.delete(leaving);
            HadoopFiles.renameFolder(path, leaving);
            HadoopFiles.delete(leaving);
        }
    }

    /**
     * Deletes what a crash left partly written or partly deleted. Only the process that holds the run's lock may call
     * this.
     */
    public void removeLeftovers() {
        HadoopFiles.list(folder).stream()
                .filter(entry -> entry.name().startsWith(TEMPORARY))
                .forEach(entry -> HadoopFiles.delete(entry.path()));
    }
}
