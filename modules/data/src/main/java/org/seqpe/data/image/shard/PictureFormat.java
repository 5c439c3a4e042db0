package org.seqpe.data.image.shard;

import java.util.Arrays;
import java.util.Optional;

/** The file formats of pictures in a dataset. A picture's first bytes tell its format, never its name. */
public enum PictureFormat {
    JPEG("jpg", 0xFF, 0xD8, 0xFF),
    PNG("png", 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n');

    private final String extension;
    private final byte[] beginning;

    PictureFormat(String extension, int... beginning) {
        this.extension = extension;
        this.beginning = new byte[beginning.length];
        for (int i = 0; i < beginning.length; i++) {
            this.beginning[i] = (byte) beginning[i];
        }
    }

    /** The end of names of such files, without a dot. */
    public String extension() {
        return extension;
    }

    /** The format that the first bytes indicate, or empty. */
    public static Optional<PictureFormat> of(byte[] bytes) {
        return Arrays.stream(values())
                .filter(format -> bytes.length >= format.beginning.length
                        && Arrays.equals(
                                bytes, 0, format.beginning.length, format.beginning, 0, format.beginning.length))
                .findFirst();
    }
}
