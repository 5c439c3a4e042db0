package org.seqpe.data.image.corpus;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.InputWalk;
import org.seqpe.data.corpus.LeftOut;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.prepare.Examples;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.TaskRunner;

/**
 * Finds the pictures of a corpus, their classes and the split of each. Folders are searched to any depth. Hidden files
 * (names that begin with "." or "_") are left out.
 */
public final class ImageCorpusFinder {
    private static final String AUTO = "auto";

    private final ImageColumns columns;
    private final Splitting splitting;
    private final Listing listing;

    /**
     * What decides the splits.
     *
     * @param ratios shares of the splits for corpora that have no splits
     * @param seed seed of the assignment to splits
     * @param wanted the splits to make of corpora that have named splits; empty for all that are there
     */
    record Splitting(SplitRatios ratios, long seed, List<String> wanted) {

        SplitRule rule(SplitRule.Way way) {
            return new SplitRule(way, ratios, seed);
        }

        /**
         * The splits to make of those that names tell.
         *
         * @param found the splits that there are
         * @param expected what a split looks like, for messages
         * @throws UserException if one of them is missing
         */
        List<String> of(Set<String> found, Input input, ImageCorpusKind kind, UnaryOperator<String> expected) {
            List<String> splits = wanted.isEmpty()
                    ? Splits.ALL.stream()
                            .filter(split -> split.equals(Splits.TRAIN) || found.contains(split))
                            .toList()
                    : wanted;
            for (String split : splits) {
                if (!found.contains(split)) {
                    throw input.refusal(
                            kind,
                            "the split " + split + " is missing; expected " + expected.apply(split)
                                    + ". Add it, name the splits to make with --splits, or choose another --corpus.");
                }
            }
            return splits;
        }
    }

    /**
     * What was found in the inputs.
     *
     * @param name last part of the first input's path
     * @param where the inputs, for messages
     * @param files the files that may be read
     * @param leftOut the others
     */
    record Input(String name, String where, List<InputFile> files, List<LeftOut> leftOut) {

        /** An exception that says why these files are no corpus of a kind. */
        UserException refusal(ImageCorpusKind kind, String problem) {
            return new UserException("Cannot prepare " + where + " as " + kind.id() + ": " + problem);
        }

        /** Refuses a split with classes that cannot be learned, before any picture is read. */
        void requireTrained(
                ImageCorpusKind kind, String split, Collection<String> classes, Collection<String> trained) {
            Set<String> unknown = new TreeSet<>(classes);
            unknown.removeAll(new HashSet<>(trained));
            if (!unknown.isEmpty()) {
                throw refusal(
                        kind,
                        "the split " + split + " has " + unknown.size() + " classes that the split train lacks: "
                                + Examples.of(List.copyOf(unknown))
                                + ". Add their pictures to train, or take them out of "
                                + split + ".");
            }
        }
    }

    /**
     * @param columns where Parquet files have pictures and labels
     * @param ratios shares of the splits for corpora that have no splits
     * @param seed seed of the assignment to splits
     * @param wanted the splits to make of corpora that have named splits, each of which must be there; empty for all
     *     that are there
     * @param runner looks into archives and tables
     * @param progress receives progress reports
     */
    public ImageCorpusFinder(
            ImageColumns columns,
            SplitRatios ratios,
            long seed,
            List<String> wanted,
            TaskRunner runner,
            PrepareProgress progress) {
        this.columns = columns;
        this.splitting = new Splitting(ratios, seed, List.copyOf(wanted));
        this.listing = new Listing(runner, progress);
    }

    /**
     * Whether inputs are pictures: because their kind says so, or because they look like it.
     *
     * @param kind the id of a kind of pictures or of text, or "auto"
     * @throws UserException if an input is missing
     */
    public static boolean isOfPictures(List<String> inputs, String kind, ImageColumns columns) {
        return kind.equals(AUTO)
                ? ImageCorpusKind.detect(new InputWalk(inputs).files(), columns).isPresent()
                : ImageCorpusKind.ids().contains(kind);
    }

    /**
     * @param inputs files and folders
     * @param kind a kind's id, or "auto"
     * @throws UserException if an input is missing, there are no pictures, or a split has none
     */
    public ImageCorpus find(List<String> inputs, String kind) {
        InputWalk walk = new InputWalk(inputs);
        Input input = new Input(
                HadoopFiles.name(HadoopFiles.qualified(inputs.get(0))),
                String.join(", ", inputs),
                walk.files(),
                walk.leftOut());
        if (input.files().isEmpty()) {
            throw new UserException("Cannot prepare " + input.where() + ": there are no files in it.");
        }
        ImageCorpusKind found = kind.equals(AUTO)
                ? ImageCorpusKind.detect(input.files(), columns)
                        .orElseThrow(() -> new UserException("Cannot prepare " + input.where()
                                + ": expected pictures, found none of the layouts "
                                + String.join(", ", ImageCorpusKind.ids()) + ". Name one with --corpus."))
                : ImageCorpusKind.of(kind);
        return switch (found) {
            case IMAGENET -> new ImageNet(input, splitting, listing).find();
            case FOLDERS -> new ClassFolders(input, splitting).find();
            case PARQUET -> new ParquetCorpus(input, splitting, columns, listing).find();
        };
    }
}
