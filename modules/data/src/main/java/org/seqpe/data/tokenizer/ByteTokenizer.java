package org.seqpe.data.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.seqpe.core.io.HadoopFiles;

/**
 * The UTF-8 bytes themselves, V = 256. End of text is byte 0 (the character NUL), which ordinary text does not contain,
 * so that the vocabulary remains the 256 bytes.
 */
final class ByteTokenizer implements Tokenizer {
    static final String ID = "bytes";
    static final Tokenizer INSTANCE = new ByteTokenizer();

    private static final int SIZE = 256;

    private ByteTokenizer() {}

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int vocabularySize() {
        return SIZE;
    }

    @Override
    public int endOfText() {
        return 0;
    }

    @Override
    public String hash() {
        byte[] vocabulary = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            vocabulary[i] = (byte) i;
        }
        return HexFormat.of().formatHex(HadoopFiles.newSha256().digest(vocabulary));
    }

    @Override
    public int[] encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] tokens = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            tokens[i] = Byte.toUnsignedInt(bytes[i]);
        }
        return tokens;
    }

    @Override
    public byte[] decodeBytes(int[] tokens, int offset, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) tokens[offset + i];
        }
        return bytes;
    }
}
