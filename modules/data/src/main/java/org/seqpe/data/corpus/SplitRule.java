package org.seqpe.data.corpus;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.corpus.InputFile.Region;

/**
 * The rule that assigns documents to splits. A document's split never depends on how the work was distributed.
 *
 * @param way the way
 * @param ratios shares of the splits if the corpus has none
 * @param seed seed of the assignment
 */
public record SplitRule(Way way, SplitRatios ratios, long seed) {
    private static final long PURPOSE = "corpus splits".hashCode();

    /** Where the split comes from. */
    public enum Way {
        /** From the names of files or folders. */
        NAMED,
        /** From a hash of the document's text. Documents stay whole, and equal documents are in the same split. */
        CONTENT,
        /**
         * From the position in the text, with the files in an order drawn from their names. This is for a few files,
         * which may be cut at blank lines.
         */
        POSITION
    }

    /** The description in the manifest. */
    public String describe() {
        return switch (way) {
            case NAMED -> "named by the corpus";
            case CONTENT -> "by content, " + shares();
            case POSITION -> "by position, " + shares();
        };
    }

    private String shares() {
        return ratios.train() + "/" + ratios.validation() + "/" + ratios.test() + ", seed " + seed;
    }

    /** The split of a document that neither a name nor a position assigns. */
    public String splitOf(byte[] text) {
        long key = ByteBuffer.wrap(HadoopFiles.newSha256().digest(text)).getLong();
        double place = RandomStream.of(seed, PURPOSE, key).nextDouble();
        if (place < ratios.train()) {
            return Splits.TRAIN;
        }
        return ratios.test() == 0 || place < ratios.train() + ratios.validation() && ratios.validation() > 0
                ? Splits.VALIDATION
                : Splits.TEST;
    }

    /**
     * Lays files end to end in an order drawn from their names and cuts the whole into splits.
     *
     * @param lengths decompressed length of each file
     * @return the files in their own order, each with its regions
     */
    List<InputFile> cut(List<InputFile> files, List<Long> lengths) {
        List<Integer> drawn = new ArrayList<>();
        double total = 0;
        for (int i = 0; i < files.size(); i++) {
            drawn.add(i);
            total += lengths.get(i);
        }
        Map<Integer, Long> keys = new HashMap<>();
        drawn.forEach(i -> keys.put(
                i, RandomStream.derive(seed, PURPOSE, files.get(i).name().hashCode())));
        drawn.sort(Comparator.<Integer, Long>comparing(keys::get)
                .thenComparing(i -> files.get(i).name()));
        InputFile[] cut = new InputFile[files.size()];
        long start = 0;
        for (int i : drawn) {
            cut[i] = files.get(i).withRegions(regions(start, lengths.get(i), total));
            start += lengths.get(i);
        }
        return List.of(cut);
    }

    private List<Region> regions(long start, long length, double total) {
        List<Region> regions = new ArrayList<>();
        double share = 0;
        List<String> splits = ratios.splits();
        for (String split : splits) {
            share += ratios.share(split);
            boolean last = split.equals(splits.get(splits.size() - 1));
            long end = last ? length : Math.min(length, Math.round(share * total) - start);
            if (end > (regions.isEmpty() ? 0 : regions.get(regions.size() - 1).end()) || last && regions.isEmpty()) {
                regions.add(new Region(split, end));
            }
        }
        return regions;
    }
}
