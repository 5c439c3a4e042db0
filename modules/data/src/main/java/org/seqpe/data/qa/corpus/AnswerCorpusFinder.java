package org.seqpe.data.qa.corpus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.InputWalk;
import org.seqpe.data.corpus.LeftOut;
import org.seqpe.data.corpus.SplitNames;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.corpus.Splits;

/**
 * Finds the files of a corpus of questions and the split of each. Folders are searched to any depth. Hidden files
 * (names that begin with "." or "_") are left out. Files named after a split keep it, even if there is only one: a
 * benchmark is often a validation split alone.
 */
public final class AnswerCorpusFinder {
    private static final String AUTO = "auto";

    private final SplitRatios ratios;
    private final long seed;
    private final List<String> wanted;

    /**
     * @param ratios shares of the splits for corpora that have no splits
     * @param seed seed of the assignment to splits
     * @param wanted the splits to make of corpora that have named splits, each of which must be there; empty for all
     *     that are there
     */
    public AnswerCorpusFinder(SplitRatios ratios, long seed, List<String> wanted) {
        this.ratios = ratios;
        this.seed = seed;
        this.wanted = List.copyOf(wanted);
    }

    /**
     * The kind of questions and answers that inputs are: because it is named, or because they look like it. Empty if
     * they are something else.
     *
     * @param kind the id of any kind, or "auto"
     * @throws UserException if an input is missing
     */
    public static Optional<AnswerCorpusKind> kindOf(List<String> inputs, String kind) {
        if (kind.equals(AUTO)) {
            return AnswerCorpusKind.detect(new InputWalk(inputs).files());
        }
        return AnswerCorpusKind.ids().contains(kind) ? Optional.of(AnswerCorpusKind.of(kind)) : Optional.empty();
    }

    /**
     * @param inputs files and folders
     * @param kind the id of a kind other than needles, or "auto"
     * @throws UserException if an input is missing, there are no files, or a split has none
     */
    public AnswerCorpus find(List<String> inputs, String kind) {
        InputWalk walk = new InputWalk(inputs);
        String where = String.join(", ", inputs);
        if (walk.files().isEmpty()) {
            throw new UserException("Cannot prepare " + where + ": there are no files in it.");
        }
        AnswerCorpusKind found = kind.equals(AUTO)
                ? AnswerCorpusKind.detect(walk.files())
                        .orElseThrow(() -> new UserException("Cannot prepare " + where
                                + ": expected questions and answers, found none of the layouts "
                                + AnswerCorpusKind.JSONL.id() + " and " + AnswerCorpusKind.SQUAD.id()
                                + ". Name one with --corpus."))
                : AnswerCorpusKind.of(kind);
        List<LeftOut> leftOut = new ArrayList<>(walk.leftOut());
        List<InputFile> ofKind = ofKind(found, walk.files(), leftOut);
        boolean named = ofKind.stream().anyMatch(file -> !splitOf(file).isEmpty());
        if (named) {
            SplitNames.requireAllNamed(where, ofKind, AnswerCorpusFinder::splitOf);
        }
        List<String> splits = named ? splits(found, where, ofKind) : ratios.splits();
        List<InputFile> used = new ArrayList<>();
        for (InputFile file : ofKind) {
            if (!named || splits.contains(splitOf(file))) {
                used.add(new InputFile(
                        HadoopFiles.qualified(file.path()), file.name(), file.bytes(), splitOf(file), List.of()));
            } else {
                leftOut.add(new LeftOut(file.name(), file.bytes(), LeftOut.OTHER_SPLIT));
            }
        }
        used.sort(Comparator.comparing((InputFile file) -> splits.indexOf(file.split()))
                .thenComparing(InputFile::name));
        return new AnswerCorpus(
                found,
                HadoopFiles.name(HadoopFiles.qualified(inputs.get(0))),
                used,
                new SplitRule(named ? SplitRule.Way.NAMED : SplitRule.Way.CONTENT, ratios, seed),
                splits,
                leftOut);
    }

    /** The files of a kind by their names; all of them if no name says it. */
    private static List<InputFile> ofKind(AnswerCorpusKind kind, List<InputFile> files, List<LeftOut> leftOut) {
        if (files.stream().noneMatch(kind::isNamed)) {
            return files;
        }
        files.stream()
                .filter(file -> !kind.isNamed(file))
                .forEach(file -> leftOut.add(new LeftOut(file.name(), file.bytes(), LeftOut.OTHER_KIND)));
        return files.stream().filter(kind::isNamed).toList();
    }

    /** The split that a file is named after, such as train-v1.1.json or 4096/validation.jsonl; or an empty string. */
    private static String splitOf(InputFile file) {
        String split = SplitNames.ofPath(file);
        return split.isEmpty() ? SplitNames.ofFile(file) : split;
    }

    private List<String> splits(AnswerCorpusKind kind, String where, List<InputFile> files) {
        Set<String> found = new TreeSet<>();
        files.forEach(file -> found.add(splitOf(file)));
        for (String split : wanted) {
            if (!found.contains(split)) {
                throw new UserException("Cannot prepare " + where + " as " + kind.id() + ": the split " + split
                        + " is missing; expected files named after it, or in a folder of that name. Add it, or name"
                        + " the splits to make with --splits.");
            }
        }
        return wanted.isEmpty() ? Splits.ALL.stream().filter(found::contains).toList() : wanted;
    }
}
