package org.seqpe.data.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** What Pillow 9.4.0 gave for the cases of resources/pictures/make.py. */
public final class PillowResults {
    private PillowResults() {}

    /** The cases of a kind: the words of each line after the first. */
    public static List<List<String>> of(String kind) throws IOException {
        String text = new String(resource("pillow.txt"), StandardCharsets.US_ASCII);
        return text.lines()
                .map(line -> List.of(line.split(" ")))
                .filter(words -> words.get(0).equals(kind))
                .map(words -> words.subList(1, words.size()))
                .collect(Collectors.toList());
    }

    /** A file that make.py made. */
    public static byte[] resource(String name) throws IOException {
        try (InputStream stream = PillowResults.class.getResourceAsStream("/pictures/" + name)) {
            return stream.readAllBytes();
        }
    }

    /** The hash of a picture's values, in hexadecimal. */
    public static String hash(Picture picture) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(picture.rgb()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
