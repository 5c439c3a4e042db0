package org.seqpe.data.image.corpus;

/**
 * A piece of an image corpus, which is read from beginning to end.
 *
 * @param form how its bytes are read
 * @param path the file that holds it, a Hadoop path
 * @param name its name in the input, for messages
 * @param offset where it begins in the file
 * @param bytes its length
 * @param split the split that a name gives it, or empty if the content of each picture decides
 * @param label the number of the class of its pictures, or -1 if the piece itself tells
 */
public record Piece(Form form, String path, String name, long offset, long bytes, String split, int label) {

    /** What a piece holds. */
    public enum Form {
        /** One picture. */
        PICTURE,
        /** A tar archive whose members are pictures. */
        TAR,
        /** A whole Parquet file with a picture a row. */
        PARQUET
    }

    /** The same piece with the number of a class. */
    Piece withLabel(int number) {
        return new Piece(form, path, name, offset, bytes, split, number);
    }
}
