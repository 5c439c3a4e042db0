package org.seqpe.data.qa.corpus;

import java.util.List;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.LeftOut;
import org.seqpe.data.corpus.SplitRule;

/**
 * The files of a corpus of questions.
 *
 * @param kind their layout
 * @param name last part of the input's path
 * @param files sorted by split and name
 * @param splitRule how questions are assigned to splits
 * @param splits the splits to make
 * @param leftOut files of the input that are not read
 */
public record AnswerCorpus(
        AnswerCorpusKind kind,
        String name,
        List<InputFile> files,
        SplitRule splitRule,
        List<String> splits,
        List<LeftOut> leftOut) {
    public AnswerCorpus {
        files = List.copyOf(files);
        splits = List.copyOf(splits);
        leftOut = List.copyOf(leftOut);
    }

    /** Bytes of all files as stored. */
    public long bytes() {
        return files.stream().mapToLong(InputFile::bytes).sum();
    }
}
