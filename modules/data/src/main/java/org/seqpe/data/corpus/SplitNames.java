package org.seqpe.data.corpus;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/** The splits that names of files and folders tell. */
public final class SplitNames {
    /** A number at the end of a name, such as -00001-of-00002. */
    private static final Pattern NUMBER = Pattern.compile("[-_]?\\d+([-_]of[-_]\\d+)?$");

    private SplitNames() {}

    /**
     * The split after which a folder above a file is named, or an empty string.
     *
     * @throws UserException if there are folders of several splits
     */
    public static String ofFolder(InputFile file) {
        String[] parts = file.name().split("/");
        Set<String> found = Arrays.stream(parts, 0, parts.length - 1)
                .map(Splits::named)
                .filter(split -> !split.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        if (found.size() > 1) {
            throw new UserException("Cannot tell the split of " + file.path()
                    + ": expected one folder above it that is named after a split, found those of "
                    + String.join(" and ", found) + ". Rename one of them.");
        }
        return found.isEmpty() ? "" : found.iterator().next();
    }

    /** The split of names such as train-00000-of-00002.parquet, test.parquet or validation/0000.parquet. */
    public static String ofFile(InputFile file) {
        String beginning =
                HadoopFiles.name(file.name()).toLowerCase(Locale.ROOT).split("[^a-z]", 2)[0];
        String split = Splits.named(beginning);
        return split.isEmpty() ? ofFolder(file) : split;
    }

    /**
     * The split of names such as train.txt, ptb.train.txt or train-00001.jsonl.gz, or of any file in a folder named
     * train. The input folder itself counts too. An empty string if none is named.
     *
     * @throws UserException if several are named
     */
    public static String ofPath(InputFile file) {
        String[] parts = file.path().split("/");
        int own = file.name().split("/").length;
        Set<String> found = new TreeSet<>();
        for (int i = Math.max(0, parts.length - 1 - own); i < parts.length - 1; i++) {
            found.add(Splits.named(parts[i]));
        }
        String[] name = HadoopFiles.name(file.name()).split("\\.");
        for (int i = 0; i < Math.max(1, name.length - 1); i++) {
            found.add(Splits.named(NUMBER.matcher(name[i]).replaceFirst("")));
        }
        found.remove("");
        if (found.size() > 1) {
            throw new UserException("Cannot tell the split of " + file.path() + ": expected one, found the names of "
                    + String.join(" and ", found) + ". Rename the file or a folder above it.");
        }
        return found.isEmpty() ? "" : found.iterator().next();
    }

    /**
     * Refuses files of which only some are named after a split.
     *
     * @param where the input, for messages
     * @param splitOf the split that a file is named after, or an empty string
     */
    public static void requireAllNamed(String where, List<InputFile> files, Function<InputFile, String> splitOf) {
        Map<Boolean, List<InputFile>> byName = files.stream()
                .collect(Collectors.partitioningBy(file -> !splitOf.apply(file).isEmpty()));
        if (!byName.get(true).isEmpty() && !byName.get(false).isEmpty()) {
            throw new UserException(
                    "Cannot prepare " + where + ": expected all files or none to be named after a split, found "
                            + byName.get(true).get(0).path() + " and "
                            + byName.get(false).get(0).path() + ". Rename the files, or leave some out of the input.");
        }
    }

    /**
     * Refuses two configurations of a corpus in one folder. They would put the content of one split into another split,
     * or twice into the same one.
     *
     * @param kind name of the kind of corpus
     * @param where the input, for messages
     * @param files the files of one split
     */
    public static void requireOneSource(String kind, String where, List<InputFile> files) {
        String source = files.isEmpty() ? "" : source(files.get(0));
        for (InputFile file : files) {
            if (!source(file).equals(source)) {
                throw severalSources(kind, where, files.get(0), file);
            }
        }
    }

    /** An exception for two files of one split whose content may be the same. */
    public static UserException severalSources(String kind, String where, InputFile one, InputFile other) {
        return new UserException("Cannot prepare " + where + " as " + kind + ": expected one source of the split "
                + one.split() + ", found several, whose content may overlap: " + one.path() + " and " + other.path()
                + ". Name the folder of one of them with --input.");
    }

    /** The folder that contains the folder or file that names the split. */
    private static String source(InputFile file) {
        String folder = HadoopFiles.parent(HadoopFiles.qualified(file.path()));
        for (String above = folder; !above.equals("."); above = HadoopFiles.parent(above)) {
            if (Splits.named(HadoopFiles.name(above)).equals(file.split())) {
                return HadoopFiles.parent(above);
            }
        }
        return folder;
    }
}
