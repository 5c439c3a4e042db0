package org.seqpe.data.image.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Reads the pictures of a piece of a corpus, one after the other. */
public final class PictureSource {
    /** A file of more bytes than this is no picture that anybody trains on, and would take much memory. */
    static final long MOST_BYTES = 1L << 28;

    public static final String NO_LABEL = "no label";
    public static final String TOO_LONG = "more than 256 MiB";
    public static final String NO_FILE = "a link or another member of an archive that is no file";

    /** Takes what is found, in order. */
    public interface Sink {
        /**
         * @param place where it was found, for messages
         * @param label number of its class
         * @param picture its bytes, not checked
         */
        void picture(String place, int label, byte[] picture) throws IOException;

        /** Something that cannot be a picture of the corpus. */
        void skip(String place, String reason);
    }

    private final ImageColumns columns;
    private final Map<String, Integer> labels;

    /**
     * @param columns where Parquet files have pictures and labels
     * @param labels the number of the class of each label, for pieces that tell the labels of their pictures
     */
    public PictureSource(ImageColumns columns, Map<String, Integer> labels) {
        this.columns = columns;
        this.labels = Map.copyOf(labels);
    }

    /** @throws org.seqpe.core.UserException if the piece is damaged as a whole */
    public void read(Piece piece, Sink sink) throws IOException {
        switch (piece.form()) {
            case PICTURE -> {
                if (piece.bytes() > MOST_BYTES) {
                    sink.skip(piece.name(), TOO_LONG);
                    return;
                }
                try (InputStream in = new FileRange(piece.path(), piece.offset(), piece.bytes())) {
                    sink.picture(piece.name(), piece.label(), in.readAllBytes());
                }
            }
            case TAR -> TarMembers.read(piece.path(), piece.offset(), piece.bytes(), (member, content) -> {
                String place = piece.name() + "/" + member.name();
                if (!member.isFile()) {
                    sink.skip(place, NO_FILE);
                } else if (member.bytes() > MOST_BYTES) {
                    sink.skip(place, TOO_LONG);
                } else {
                    sink.picture(place, piece.label(), content.readAllBytes());
                }
            });
            case PARQUET -> ParquetPictures.read(piece.path(), columns, (label, picture, row) -> {
                String place = piece.name() + ", row " + row;
                if (label == null) {
                    sink.skip(place, NO_LABEL);
                } else {
                    sink.picture(place, labels.get(label), picture);
                }
            });
        }
    }
}
