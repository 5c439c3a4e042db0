package org.seqpe.data.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/**
 * Finds the files of a corpus, its kind if that is not given, and the split of each file. Folders are searched to any
 * depth. Hidden files (names that begin with "." or "_") are left out.
 */
public final class CorpusFinder {
    private static final Pattern WIKITEXT_FILE =
            Pattern.compile("wiki\\.(train|valid|validation|test)\\.(raw|tokens)" + Compression.SUFFIX);
    private static final Pattern LINES_FILE = Pattern.compile(".*\\.lines\\.txt" + Compression.SUFFIX);
    private static final Pattern TEXT_FILE = Pattern.compile(".*\\.txt" + Compression.SUFFIX);
    private static final String PARQUET = ".parquet";
    private static final int LUCENE_TABS = 2;
    /**
     * With at least this many files, whole files can be assigned to splits. With fewer, the shares would be too coarse.
     */
    private static final int FILES_FOR_CONTENT_SPLIT = 1000;

    private final String textColumn;
    private final SplitRatios ratios;
    private final long seed;
    private final List<String> namedSplits;

    /**
     * @param textColumn the text column of Parquet files
     * @param ratios shares of the splits for corpora that have no splits
     * @param seed seed of the assignment to splits
     * @param namedSplits the splits to make of corpora that have named splits
     */
    public CorpusFinder(String textColumn, SplitRatios ratios, long seed, List<String> namedSplits) {
        this.textColumn = textColumn;
        this.ratios = ratios;
        this.seed = seed;
        this.namedSplits = List.copyOf(namedSplits);
    }

    /**
     * @param inputs files and folders
     * @param kind a kind's id, or "auto"
     * @throws UserException if an input is missing, there are no files, or a split has none
     */
    public Corpus find(List<String> inputs, String kind) {
        InputWalk walk = new InputWalk(inputs);
        List<InputFile> files = walk.files();
        if (files.isEmpty()) {
            throw new UserException("Cannot prepare " + String.join(", ", inputs) + ": there are no files in it.");
        }
        CorpusKind found = kind.equals("auto") ? detect(files) : CorpusKind.of(kind);
        return arrange(
                found,
                HadoopFiles.name(HadoopFiles.qualified(inputs.get(0))),
                String.join(", ", inputs),
                files,
                walk.leftOut());
    }

    private CorpusKind detect(List<InputFile> files) {
        if (files.stream()
                .anyMatch(file -> WIKITEXT_FILE.matcher(lastPart(file.name())).matches())) {
            return CorpusKind.WIKITEXT;
        }
        if (files.stream().anyMatch(file -> file.name().endsWith(PARQUET))) {
            return first(
                            files,
                            file -> file.name().endsWith(PARQUET),
                            path -> WikiTextParquetReader.isLikely(path, textColumn))
                    ? CorpusKind.WIKITEXT_PARQUET
                    : CorpusKind.PARQUET;
        }
        if (files.stream().allMatch(file -> JsonLines.isNamed(file.name()))) {
            return CorpusKind.JSONL;
        }
        Set<String> folders = files.stream()
                .filter(file -> TEXT_FILE.matcher(file.name()).matches())
                .map(SplitNames::ofFolder)
                .collect(Collectors.toSet());
        if (folders.contains(Splits.TRAIN) && (folders.contains(Splits.VALIDATION) || folders.contains(Splits.TEST))) {
            return CorpusKind.PG19;
        }
        if (files.stream().allMatch(file -> LINES_FILE.matcher(file.name()).matches())) {
            return first(files, file -> true, CorpusFinder::beginsWithTabs)
                    ? CorpusKind.LUCENE_LINES
                    : CorpusKind.LINES;
        }
        return CorpusKind.TEXT;
    }

    private interface Look {
        boolean at(String path) throws IOException;
    }

    private static boolean first(List<InputFile> files, Predicate<InputFile> which, Look look) {
        String path = files.stream().filter(which).findFirst().orElseThrow().path();
        try {
            return look.at(path);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    private static boolean beginsWithTabs(String path) throws IOException {
        int tabs = 0;
        for (byte b : TextFiles.head(path, ContentCheck.TEXT)) {
            if (b == '\n') {
                break;
            }
            tabs += b == '\t' ? 1 : 0;
        }
        return tabs == LUCENE_TABS;
    }

    private Corpus arrange(CorpusKind kind, String name, String where, List<InputFile> files, List<LeftOut> before) {
        Function<InputFile, String> splitOf =
                switch (kind) {
                    case WIKITEXT -> CorpusFinder::splitOfWikiTextFile;
                    case PG19 -> file -> TEXT_FILE.matcher(file.name()).matches() ? SplitNames.ofFolder(file) : "";
                    case PARQUET, WIKITEXT_PARQUET -> file ->
                            file.name().endsWith(PARQUET) ? SplitNames.ofFile(file) : "";
                    case JSONL, TEXT, LINES, LUCENE_LINES -> SplitNames::ofPath;
                };
        boolean named =
                switch (kind) {
                    case WIKITEXT, PG19, WIKITEXT_PARQUET -> true;
                    case PARQUET -> files.stream()
                            .anyMatch(file -> !splitOf.apply(file).isEmpty());
                    case JSONL, TEXT, LINES, LUCENE_LINES -> isNamed(where, files);
                };
        List<InputFile> used = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>(before);
        for (InputFile file : files) {
            String split = splitOf.apply(file);
            boolean wanted = named
                    ? namedSplits.contains(split)
                    : !kind.isParquet() || file.name().endsWith(PARQUET);
            if (wanted) {
                used.add(new InputFile(file.path(), file.name(), file.bytes(), split, List.of()));
            } else {
                leftOut.add(new LeftOut(
                        file.name(), file.bytes(), split.isEmpty() ? LeftOut.OTHER_KIND : LeftOut.OTHER_SPLIT));
            }
        }
        if (named) {
            requireSplits(kind, where, used);
            requireOneSource(kind, where, used);
        }
        // The files of a split stay together, so that an article may continue from one file to the next.
        used.sort(Comparator.comparing((InputFile file) -> namedSplits.indexOf(file.split()))
                .thenComparing(InputFile::name));
        SplitRule.Way way = named
                ? SplitRule.Way.NAMED
                : kind == CorpusKind.TEXT && used.size() < FILES_FOR_CONTENT_SPLIT
                        ? SplitRule.Way.POSITION
                        : SplitRule.Way.CONTENT;
        return new Corpus(
                kind, name, used, new SplitRule(way, ratios, seed), named ? namedSplits : ratios.splits(), leftOut);
    }

    private void requireSplits(CorpusKind kind, String where, List<InputFile> used) {
        for (String split : namedSplits) {
            if (used.stream().noneMatch(file -> file.split().equals(split))) {
                String expected =
                        switch (kind) {
                            case WIKITEXT -> "a file wiki." + (split.equals(Splits.VALIDATION) ? "valid" : split)
                                    + ".raw or .tokens";
                            case PG19 -> "text files (.txt) in a folder named " + split;
                            case PARQUET, WIKITEXT_PARQUET -> "Parquet files whose name begins with " + split
                                    + ", or in a folder of that name";
                            default -> "files named after it, or in a folder of that name, as those of other splits are";
                        };
                throw new UserException("Cannot prepare " + where + " as " + kind.id() + ": the split " + split
                        + " is missing; expected " + expected
                        + ". Add it, name the splits to make with --splits, or choose another --corpus.");
            }
        }
    }

    /**
     * Whether files name their splits although their kind does not require it: train.txt beside test.txt must not be
     * split again.
     *
     * @throws UserException if some do and others do not
     */
    private static boolean isNamed(String where, List<InputFile> files) {
        if (files.stream()
                        .map(SplitNames::ofPath)
                        .filter(split -> !split.isEmpty())
                        .distinct()
                        .count()
                < 2) {
            return false;
        }
        SplitNames.requireAllNamed(where, files, SplitNames::ofPath);
        return true;
    }

    /** Two forms of one file, such as .raw and .tokens, would put the same text twice into a split. */
    private void requireOneSource(CorpusKind kind, String where, List<InputFile> used) {
        for (String split : namedSplits) {
            List<InputFile> files =
                    used.stream().filter(file -> file.split().equals(split)).toList();
            if (kind == CorpusKind.WIKITEXT && files.size() > 1) {
                throw SplitNames.severalSources(kind.id(), where, files.get(0), files.get(1));
            }
            SplitNames.requireOneSource(kind.id(), where, files);
        }
    }

    private static String splitOfWikiTextFile(InputFile file) {
        Matcher matcher = WIKITEXT_FILE.matcher(lastPart(file.name()));
        return matcher.matches() ? Splits.named(matcher.group(1)) : "";
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
