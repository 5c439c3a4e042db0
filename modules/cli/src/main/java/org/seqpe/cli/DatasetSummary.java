package org.seqpe.cli;

import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageManifest;
import org.seqpe.data.qa.AnswerCounts;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.text.window.TokenDataset;

/** What a dataset holds, with one line per split. */
final class DatasetSummary {
    /** More nominal lengths than these become one line. */
    private static final int LENGTHS_SHOWN = 16;

    private DatasetSummary() {}

    static String of(TokenDataset dataset) {
        StringBuilder lines = new StringBuilder(input(dataset.manifest().corpus(), "documents"));
        dataset.manifest()
                .splits()
                .forEach((name, split) -> lines.append(String.format(
                        Locale.ROOT,
                        "%-12s %,15d tokens %,12d documents%s%n",
                        name,
                        split.tokens(),
                        split.documents(),
                        skipped(split.skipped()))));
        return lines + place(dataset.folder());
    }

    static String of(ImageDataset dataset) {
        ImageManifest manifest = dataset.manifest();
        StringBuilder lines = new StringBuilder(input(manifest.corpus(), "pictures"));
        manifest.splits()
                .forEach((name, split) -> lines.append(String.format(
                        Locale.ROOT,
                        "%-12s %,12d pictures %,18d bytes %,8d classes%s%n",
                        name,
                        split.pictures(),
                        split.bytes(),
                        manifest.classesIn(name),
                        skipped(split.skipped()))));
        return lines + place(dataset.folder());
    }

    static String of(AnswerDataset dataset) {
        StringBuilder lines = new StringBuilder(input(dataset.manifest().corpus(), "documents"));
        lines.append(String.format(
                Locale.ROOT,
                "%-12s %10s %12s %15s %13s %9s %9s%n",
                "split",
                "length",
                "examples",
                "prompt tokens",
                "answer tokens",
                "outputs",
                "longest"));
        dataset.manifest().splits().forEach((name, split) -> {
            AnswerCounts counts = split.counts();
            lines.append(String.format(
                    Locale.ROOT,
                    "%-12s %10s %,12d %,15d %,13d %,9d %,9d%s%n",
                    name,
                    "all",
                    counts.examples(),
                    counts.promptTokens(),
                    counts.answerTokens(),
                    counts.outputs(),
                    counts.longest(),
                    skipped(split.skipped())));
            byLength(counts, lines);
            split.remarks()
                    .forEach((what, count) -> lines.append(
                            String.format(Locale.ROOT, "%-12s %10s %,12d: %s%n", "", "remark", count, what)));
        });
        return lines + place(dataset.folder());
    }

    private static void byLength(AnswerCounts counts, StringBuilder lines) {
        if (counts.lengths().size() > LENGTHS_SHOWN) {
            lines.append(String.format(
                    Locale.ROOT,
                    "%-12s %,d lengths from %,d to %,d%n",
                    "",
                    counts.lengths().size(),
                    counts.lengths().firstKey(),
                    counts.lengths().lastKey()));
        } else {
            counts.lengths()
                    .forEach((length, examples) ->
                            lines.append(String.format(Locale.ROOT, "%-12s %,10d %,12d%n", "", length, examples)));
        }
        if (!counts.lengths().isEmpty() && counts.withoutLength() > 0) {
            lines.append(String.format(Locale.ROOT, "%-12s %10s %,12d%n", "", "own", counts.withoutLength()));
        }
    }

    private static String input(DatasetManifest.Corpus corpus, String what) {
        StringBuilder lines = new StringBuilder(
                String.format(Locale.ROOT, "%-12s %,15d files %,15d bytes%n", "read", corpus.files(), corpus.bytes()));
        corpus.leftOut()
                .forEach((reason, files) -> lines.append(String.format(
                        Locale.ROOT,
                        "%-12s %,15d files %,15d bytes: %s%n",
                        "left out",
                        files.files(),
                        files.bytes(),
                        reason)));
        corpus.shared()
                .forEach((where, count) ->
                        lines.append(String.format(Locale.ROOT, "%-12s %,15d %s: %s%n", "shared", count, what, where)));
        return lines.toString();
    }

    private static String skipped(SortedMap<String, Long> byReason) {
        return byReason.entrySet().stream()
                .map(entry -> String.format(Locale.ROOT, ", %,d skipped: %s", entry.getValue(), entry.getKey()))
                .collect(Collectors.joining());
    }

    private static String place(String folder) {
        return "Dataset: " + folder + System.lineSeparator();
    }
}
