package org.seqpe.data.image.corpus;

import java.util.List;
import java.util.Map;
import org.seqpe.data.corpus.LeftOut;
import org.seqpe.data.corpus.SplitRule;

/**
 * The pictures of a corpus and how they are read.
 *
 * @param kind its layout
 * @param name last part of the input's path
 * @param files how many files are read
 * @param bytes their total length
 * @param pieces what the files hold, in the order of splits, classes and names
 * @param classes the classes in the order of their numbers
 * @param labels the number of the class of each label, for pieces that tell the labels of their pictures
 * @param columns where Parquet files have pictures and labels
 * @param splitRule how pictures are assigned to splits
 * @param splits the splits to make
 * @param leftOut files of the input that are not read
 */
public record ImageCorpus(
        ImageCorpusKind kind,
        String name,
        long files,
        long bytes,
        List<Piece> pieces,
        List<ClassName> classes,
        Map<String, Integer> labels,
        ImageColumns columns,
        SplitRule splitRule,
        List<String> splits,
        List<LeftOut> leftOut) {

    /** The reason for which a file is left out if nothing in it is a picture of the corpus. */
    static final String NO_PICTURES = "no pictures of this corpus by its name";

    /**
     * A class.
     *
     * @param name its name in the corpus
     * @param words what people call it; empty if the name says it, or nothing does
     */
    public record ClassName(String name, String words) {}
}
