package org.seqpe.data.image.corpus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.LeftOut;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.image.corpus.ImageCorpusFinder.Input;
import org.seqpe.data.image.corpus.ImageCorpusFinder.Splitting;

/**
 * Pictures in a folder for each class: {@code SPLIT/CLASS/...} or {@code CLASS/...}. Everything below a class's folder
 * belongs to the class, whatever its name; whether it is a picture is seen when it is read. If all files are in folders
 * named after splits, these are the splits, otherwise the content of each picture decides.
 */
final class ClassFolders {
    private static final ImageCorpusKind KIND = ImageCorpusKind.FOLDERS;
    private static final String NO_CLASS = "in no folder of a class";

    private final Input input;
    private final Splitting splitting;
    private final List<LeftOut> leftOut;

    /** A file with what the folders above it tell. */
    private record Placed(InputFile file, String split, String name) {}

    ClassFolders(Input input, Splitting splitting) {
        this.input = input;
        this.splitting = splitting;
        this.leftOut = new ArrayList<>(input.leftOut());
    }

    ImageCorpus find() {
        // The folders below the input count first, then the input folders themselves.
        for (int above = 0; above <= 1; above++) {
            int depth = above;
            if (isSplit(file -> Splits.named(folder(file, 0, depth)), depth)) {
                List<Placed> placed =
                        place(file -> Splits.named(folder(file, 0, depth)), file -> folder(file, 1, depth));
                return corpus(placed, SplitRule.Way.NAMED);
            }
        }
        return corpus(place(file -> "", file -> folder(file, 0, 0)), SplitRule.Way.CONTENT);
    }

    /**
     * A folder above a file, or an empty string.
     *
     * @param index 0 for the outermost one
     * @param above how many folders above the file's name count too
     */
    private static String folder(InputFile file, int index, int above) {
        String[] all = file.path().split("/");
        int first = all.length - file.name().split("/").length - above;
        int at = first + index;
        return first >= 0 && at < all.length - 1 ? all[at] : "";
    }

    /** Whether all files are in folders named after splits. */
    private boolean isSplit(Function<InputFile, String> splitOf, int above) {
        Map<Boolean, List<InputFile>> byName = input.files().stream()
                .collect(Collectors.partitioningBy(file -> !splitOf.apply(file).isEmpty()));
        List<InputFile> named = byName.get(true);
        Set<String> found = named.stream().map(splitOf).collect(Collectors.toSet());
        // A file beside the folders, such as a list of the classes, says nothing.
        List<InputFile> others = byName.get(false).stream()
                .filter(file -> !folder(file, 0, above).isEmpty())
                .toList();
        boolean deep = named.stream().anyMatch(file -> !folder(file, 1, above).isEmpty());
        if (above > 0) {
            // One folder that happens to be called "train" may well hold all there is.
            return found.size() > 1 && others.isEmpty() && deep;
        }
        if (found.isEmpty() || !deep) {
            return false;
        }
        if (!others.isEmpty()) {
            throw input.refusal(
                    KIND,
                    "expected all folders or none to be named after a split, found "
                            + named.get(0).path() + " and " + others.get(0).path()
                            + ". Rename the folders, or leave some out of the input.");
        }
        return true;
    }

    private List<Placed> place(Function<InputFile, String> splitOf, Function<InputFile, String> classOf) {
        List<Placed> placed = new ArrayList<>();
        for (InputFile file : input.files()) {
            String name = classOf.apply(file);
            String split = splitOf.apply(file);
            boolean isWanted = split.isEmpty()
                    || splitting.wanted().isEmpty()
                    || splitting.wanted().contains(split);
            if (name.isEmpty()) {
                leftOut.add(new LeftOut(file.name(), file.bytes(), NO_CLASS));
            } else if (!isWanted) {
                leftOut.add(new LeftOut(file.name(), file.bytes(), LeftOut.OTHER_SPLIT));
            } else {
                placed.add(new Placed(file, split, name));
            }
        }
        return placed;
    }

    private ImageCorpus corpus(List<Placed> placed, SplitRule.Way way) {
        if (placed.isEmpty() && way == SplitRule.Way.CONTENT) {
            throw input.refusal(
                    KIND,
                    "expected a folder for each class, with its pictures in it, found no file in such a folder. "
                            + "Sort the pictures into folders, or choose another --corpus.");
        }
        List<String> splits = way == SplitRule.Way.CONTENT
                ? splitting.ratios().splits()
                : splitting.of(
                        placed.stream().map(Placed::split).collect(Collectors.toSet()),
                        input,
                        KIND,
                        split -> "a folder " + split + " with a folder for each class");
        Map<String, Set<String>> classesOf = new TreeMap<>();
        placed.forEach(one ->
                classesOf.computeIfAbsent(one.split(), split -> new TreeSet<>()).add(one.name()));
        requireTrained(classesOf);
        List<String> names = classesOf.values().stream()
                .flatMap(Set::stream)
                .distinct()
                .sorted()
                .toList();
        Map<String, Integer> numbers = Numbering.of(names);
        List<Piece> pieces = placed.stream()
                .sorted(Comparator.comparing((Placed one) -> splits.indexOf(one.split()))
                        .thenComparing(Placed::name)
                        .thenComparing(one -> one.file().name()))
                .map(one -> Numbering.picture(one.file(), one.split(), numbers.get(one.name())))
                .toList();
        return new ImageCorpus(
                KIND,
                input.name(),
                placed.size(),
                placed.stream().mapToLong(one -> one.file().bytes()).sum(),
                pieces,
                names.stream().map(name -> new ImageCorpus.ClassName(name, "")).toList(),
                Map.of(),
                ImageColumns.DEFAULT,
                splitting.rule(way),
                splits,
                leftOut);
    }

    /** Refuses a split with a class that cannot be learned, before anything is read. */
    private void requireTrained(Map<String, Set<String>> classesOf) {
        Set<String> trained = classesOf.get(Splits.TRAIN);
        if (trained != null) {
            classesOf.forEach((split, classes) -> input.requireTrained(KIND, split, classes, trained));
        }
    }
}
