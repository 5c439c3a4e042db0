package org.seqpe.data.corpus;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/** The splits that names of files and folders tell. */
public final class SplitNames {
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
