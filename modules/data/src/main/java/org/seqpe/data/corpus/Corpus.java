package org.seqpe.data.corpus;

import java.util.List;

/**
 * The files of a corpus and how they are read.
 *
 * @param kind their layout
 * @param name last part of the input's path
 * @param files sorted by name
 * @param splitRule how documents are assigned to splits
 * @param splits the splits to make
 * @param leftOut files of the input that are not read
 */
public record Corpus(
        CorpusKind kind,
        String name,
        List<InputFile> files,
        SplitRule splitRule,
        List<String> splits,
        List<LeftOut> leftOut) {
    public Corpus {
        files = List.copyOf(files);
        splits = List.copyOf(splits);
        leftOut = List.copyOf(leftOut);
    }

    /** Whether the decompressed lengths of files must be known before they are read. */
    public boolean isCutByPosition() {
        return splitRule.way() == SplitRule.Way.POSITION;
    }

    /** The same corpus with its files cut into splits; see {@link #isCutByPosition}. */
    public Corpus cut(List<Long> lengths) {
        return new Corpus(kind, name, splitRule.cut(files, lengths), splitRule, splits, leftOut);
    }

    /** Bytes of all files as stored. */
    public long bytes() {
        return files.stream().mapToLong(InputFile::bytes).sum();
    }
}
