package org.seqpe.data.image.corpus;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.corpus.InputFile;

/** The numbers of classes, and the pieces that carry them. */
final class Numbering {
    private Numbering() {}

    /** The place of each name. */
    static Map<String, Integer> of(List<String> names) {
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            numbers.put(names.get(i), i);
        }
        return numbers;
    }

    /** A file that is one picture. */
    static Piece picture(InputFile file, String split, int label) {
        return whole(Piece.Form.PICTURE, file, split, label);
    }

    /** A whole file as a piece. */
    static Piece whole(Piece.Form form, InputFile file, String split, int label) {
        return new Piece(form, HadoopFiles.qualified(file.path()), file.name(), 0, file.bytes(), split, label);
    }
}
