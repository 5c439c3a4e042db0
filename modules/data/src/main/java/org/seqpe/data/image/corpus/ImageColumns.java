package org.seqpe.data.image.corpus;

/**
 * The columns of Parquet files that are read.
 *
 * @param image the column of pictures: bytes, or a structure with a field {@code bytes}
 * @param label the column of classes: numbers or names
 */
public record ImageColumns(String image, String label) {
    public static final ImageColumns DEFAULT = new ImageColumns("image", "label");
}
