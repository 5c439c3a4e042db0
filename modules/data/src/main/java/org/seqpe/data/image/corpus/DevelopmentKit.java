package org.seqpe.data.image.corpus;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.corpus.InputFile;

/**
 * ImageNet's development kit: the classes' ids and words, and the class of each validation picture. It is a .tar.gz
 * file, or its files lie anywhere in the input. Files outside the archive count before those in it.
 */
final class DevelopmentKit {
    private static final String ARCHIVE = "ILSVRC2012_devkit_t12.tar.gz";
    private static final String TRUTH = "ILSVRC2012_validation_ground_truth.txt";
    private static final String META = "meta.mat";
    private static final String TEXT = "synsets.txt";
    private static final List<String> FILES = List.of(TRUTH, META, TEXT);
    /** The real files have less than 2 MiB. */
    private static final int MOST_BYTES = 1 << 26;

    private final Synsets synsets;
    private final List<String> truth;
    private final String truthFile;

    /**
     * @param content the bytes of those of the kit's files that are there, by name
     * @param places their paths, by name
     */
    private DevelopmentKit(Map<String, byte[]> content, Map<String, String> places) {
        this.synsets = content.containsKey(TEXT)
                ? Synsets.ofText(content.get(TEXT), places.get(TEXT))
                : content.containsKey(META) ? Synsets.ofMat(content.get(META), places.get(META)) : Synsets.NONE;
        this.truthFile = places.getOrDefault(TRUTH, "");
        this.truth = content.containsKey(TRUTH)
                ? new String(content.get(TRUTH), StandardCharsets.UTF_8)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList()
                : List.of();
    }

    /** Whether a file is part of the kit. */
    static boolean has(InputFile file) {
        String name = HadoopFiles.name(file.name());
        return name.equals(ARCHIVE) || FILES.contains(name);
    }

    /** Reads those files of the kit that are among these. */
    static DevelopmentKit read(List<InputFile> files) {
        Map<String, byte[]> content = new TreeMap<>();
        Map<String, String> places = new TreeMap<>();
        for (InputFile file : files) {
            String name = HadoopFiles.name(file.name());
            if (FILES.contains(name) && !content.containsKey(name)) {
                content.put(name, HadoopFiles.readBytes(file.path()));
                places.put(name, file.path());
            }
        }
        for (InputFile file : files) {
            if (HadoopFiles.name(file.name()).equals(ARCHIVE)) {
                unpack(file.path(), content, places);
            }
        }
        return new DevelopmentKit(content, places);
    }

    private static void unpack(String archive, Map<String, byte[]> content, Map<String, String> places) {
        try (InputStream stored = new BufferedInputStream(HadoopFiles.open(archive));
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(stored))) {
            for (TarArchiveEntry entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
                String name = HadoopFiles.name(entry.getName());
                if (FILES.contains(name) && !content.containsKey(name)) {
                    content.put(name, tar.readNBytes(MOST_BYTES));
                    places.put(name, archive + "/" + entry.getName());
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new UserException(
                    "Cannot read ImageNet's development kit " + archive + ": " + e.getMessage()
                            + ". Fetch the file again.",
                    e);
        }
    }

    /** What people call a class, or an empty string. */
    String words(String id) {
        return synsets.words().getOrDefault(id, "");
    }

    /** Whether the classes of validation pictures are there. */
    boolean hasTruth() {
        return !truth.isEmpty();
    }

    /**
     * The WordNet id of the class of a validation picture.
     *
     * @param number the number in the picture's name, from 1
     * @throws UserException if the kit does not tell it
     */
    String classOf(int number, String picture) {
        if (number < 1 || number > truth.size()) {
            throw new UserException("Cannot tell the class of " + picture + ": expected a line for it in " + truthFile
                    + ", found " + truth.size() + " lines. Fetch ImageNet's development kit again.");
        }
        String line = truth.get(number - 1);
        if (ImageNet.isClass(line)) {
            return line;
        }
        String id = line.matches("\\d{1,9}") ? synsets.byNumber().get(Integer.valueOf(line)) : null;
        if (id == null) {
            throw new UserException("Cannot tell the class of " + picture + ": " + truthFile + " has '" + line
                    + "' in line " + number + ", and " + names() + " tells no WordNet id for that"
                    + ". Put ImageNet's development kit (" + ARCHIVE + ") or its " + META + " into the input.");
        }
        return id;
    }

    private String names() {
        return synsets.equals(Synsets.NONE) ? "no " + META + " or " + TEXT : META + " or " + TEXT;
    }

    /** What tells the classes of validation pictures, for messages. */
    static String needed() {
        return "the development kit (" + ARCHIVE + "), or its files " + TRUTH + " and " + META;
    }
}
