package org.seqpe.data.image.corpus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.LeftOut;
import org.seqpe.data.corpus.SplitNames;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.image.corpus.ImageCorpusFinder.Input;
import org.seqpe.data.image.corpus.ImageCorpusFinder.Splitting;

/**
 * Pictures in Parquet files. File names such as {@code train-00000-of-00002.parquet} tell the split. If none does, the
 * content of each picture decides. Classes have the names that the files' writer noted, in that order. Without such
 * names they are the labels that occur, in the order of numbers or names.
 */
final class ParquetCorpus {
    private static final ImageCorpusKind KIND = ImageCorpusKind.PARQUET;

    private final Input input;
    private final Splitting splitting;
    private final ImageColumns columns;
    private final Listing listing;

    ParquetCorpus(Input input, Splitting splitting, ImageColumns columns, Listing listing) {
        this.input = input;
        this.splitting = splitting;
        this.columns = columns;
        this.listing = listing;
    }

    ImageCorpus find() {
        List<LeftOut> leftOut = new ArrayList<>(input.leftOut());
        List<InputFile> tables = new ArrayList<>();
        for (InputFile file : input.files()) {
            if (ParquetPictures.isTable(file.name())) {
                tables.add(file);
            } else {
                leftOut.add(new LeftOut(file.name(), file.bytes(), ImageCorpus.NO_PICTURES));
            }
        }
        if (tables.isEmpty()) {
            throw input.refusal(KIND, "there is no .parquet file in it.");
        }
        Set<String> found = tables.stream()
                .map(SplitNames::ofFile)
                .filter(split -> !split.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> splits = found.isEmpty()
                ? splitting.ratios().splits()
                : splitting.of(
                        found,
                        input,
                        KIND,
                        split -> "Parquet files whose name begins with " + split + ", or in a folder of that name");
        List<InputFile> used = new ArrayList<>();
        for (InputFile table : tables) {
            String split = SplitNames.ofFile(table);
            if (found.isEmpty() || splits.contains(split)) {
                used.add(new InputFile(table.path(), table.name(), table.bytes(), split, List.of()));
            } else {
                leftOut.add(new LeftOut(
                        table.name(), table.bytes(), split.isEmpty() ? ImageCorpus.NO_PICTURES : LeftOut.OTHER_SPLIT));
            }
        }
        used.sort(Comparator.comparing((InputFile file) -> splits.indexOf(file.split()))
                .thenComparing(InputFile::name));
        if (!found.isEmpty()) {
            splits.forEach(split -> SplitNames.requireOneSource(
                    KIND.id(),
                    input.where(),
                    used.stream().filter(file -> file.split().equals(split)).toList()));
        }
        List<ParquetPictures.Labels> seen = listing.labels(used, columns);
        Classes classes = classes(used, seen);
        requireTrained(used, seen, classes);
        return new ImageCorpus(
                KIND,
                input.name(),
                used.size(),
                used.stream().mapToLong(InputFile::bytes).sum(),
                used.stream()
                        .map(file -> Numbering.whole(Piece.Form.PARQUET, file, file.split(), -1))
                        .toList(),
                classes.names().stream()
                        .map(name -> new ImageCorpus.ClassName(name, ""))
                        .toList(),
                classes.labels(),
                columns,
                splitting.rule(found.isEmpty() ? SplitRule.Way.CONTENT : SplitRule.Way.NAMED),
                splits,
                leftOut);
    }

    /** Refuses a split with a class that cannot be learned, before any picture is read. */
    private void requireTrained(List<InputFile> tables, List<ParquetPictures.Labels> seen, Classes classes) {
        Map<String, Set<String>> namesOf = new TreeMap<>();
        for (int i = 0; i < tables.size(); i++) {
            for (String label : seen.get(i).labels()) {
                namesOf.computeIfAbsent(tables.get(i).split(), split -> new TreeSet<>())
                        .add(classes.names().get(classes.labels().get(label)));
            }
        }
        Set<String> trained = namesOf.get(Splits.TRAIN);
        if (trained != null) {
            namesOf.forEach((split, names) -> input.requireTrained(KIND, split, names, trained));
        }
    }

    private record Classes(List<String> names, Map<String, Integer> labels) {}

    private Classes classes(List<InputFile> tables, List<ParquetPictures.Labels> seen) {
        ParquetPictures.Labels first = seen.get(0);
        Set<String> labels = new TreeSet<>(
                first.areNumbers() ? Comparator.comparing(Long::valueOf) : Comparator.<String>naturalOrder());
        for (int i = 0; i < seen.size(); i++) {
            if (seen.get(i).areNumbers() != first.areNumbers()
                    || !seen.get(i).names().equals(first.names())) {
                throw new UserException("Cannot prepare " + input.where() + ": expected the same classes in all files, "
                        + "found other types of labels or names of classes in "
                        + tables.get(0).path() + " and "
                        + tables.get(i).path() + ". Give the files of one data set.");
            }
            labels.addAll(seen.get(i).labels());
        }
        if (labels.isEmpty()) {
            throw input.refusal(
                    KIND,
                    "there is no label in column '" + columns.label() + "'. Name the column with --label-column.");
        }
        if (first.names().isEmpty()) {
            List<String> names = List.copyOf(labels);
            return new Classes(names, Numbering.of(names));
        }
        return new Classes(first.names(), labels.stream().collect(Collectors.toMap(label -> label, Integer::parseInt)));
    }
}
