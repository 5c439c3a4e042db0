package org.seqpe.data.qa.corpus;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.corpus.InputFile;

/**
 * The length that the name of a file or folder declares: validation_4096.jsonl, or 4096/validation.jsonl. A number that
 * begins with 0 or is below {@value #LEAST} is a running number, and so is one of several parts.
 */
final class NominalLength {
    private static final int LEAST = 64;
    private static final Pattern FILE = Pattern.compile("[A-Za-z_-]*[A-Za-z][-_]([1-9]\\d{1,8})");
    private static final Pattern FOLDER = Pattern.compile("[1-9]\\d{1,8}");

    private NominalLength() {}

    /** The length in tokens, or null. The file's own name comes first, then the nearest folder. */
    static Integer of(InputFile file) {
        Matcher name = FILE.matcher(HadoopFiles.name(file.name()).split("\\.", 2)[0]);
        if (name.matches() && Integer.parseInt(name.group(1)) >= LEAST) {
            return Integer.valueOf(name.group(1));
        }
        String[] parts = file.name().split("/");
        for (int i = parts.length - 2; i >= 0; i--) {
            if (FOLDER.matcher(parts[i]).matches() && Integer.parseInt(parts[i]) >= LEAST) {
                return Integer.valueOf(parts[i]);
            }
        }
        return null;
    }
}
