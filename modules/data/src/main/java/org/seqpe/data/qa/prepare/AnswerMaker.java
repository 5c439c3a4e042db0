package org.seqpe.data.qa.prepare;

import java.util.List;
import java.util.SortedMap;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.qa.stage.Part;

/** Makes the examples of a dataset from one kind of input. */
interface AnswerMaker {

    /**
     * @param corpus where the examples came from
     * @param options how they were made of it, by the name of the option
     * @param splits by name; those that were asked for
     */
    record Made(
            DatasetManifest.Corpus corpus, SortedMap<String, String> options, SortedMap<String, MadeSplit> splits) {}

    /**
     * @param parts the examples, in order
     * @param skipped questions left out before, by reason
     * @param remarks examples kept that have something unusual, by what it is
     */
    record MadeSplit(List<Part> parts, SortedMap<String, Long> skipped, SortedMap<String, Long> remarks) {}

    /**
     * Finds the input, before anything is written.
     *
     * @throws org.seqpe.core.UserException if it is not there or cannot be used
     */
    void find();

    /**
     * Makes the examples.
     *
     * @param work a folder for files
     * @throws org.seqpe.core.UserException if the input cannot be used
     */
    Made make(String work);
}
