package org.seqpe.data.tokenizer;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.seqpe.core.io.HadoopFiles;

/**
 * GPT-2's byte-pair encoding (jtokkit's r50k_base), V = 50257. End of text is 50256; the characters
 * {@code <|endoftext|>} in a text are ordinary text and never become that id, and the id itself decodes to nothing.
 */
final class Gpt2Tokenizer implements Tokenizer {
    static final String ID = "gpt2";

    private static final int END_OF_TEXT = 50256;

    private final Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
    private final String hash = hashVocabulary();

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int vocabularySize() {
        return END_OF_TEXT + 1;
    }

    @Override
    public int endOfText() {
        return END_OF_TEXT;
    }

    @Override
    public String hash() {
        return hash;
    }

    @Override
    public int[] encode(String text) {
        return encoding.encodeOrdinary(text).toArray();
    }

    @Override
    public byte[] decodeBytes(int[] tokens, int offset, int count) {
        IntArrayList ordinary = new IntArrayList(count);
        for (int i = offset; i < offset + count; i++) {
            if (tokens[i] != END_OF_TEXT) {
                ordinary.add(tokens[i]);
            }
        }
        return encoding.decodeBytes(ordinary);
    }

    /** Hashes the bytes of every token in order of id, each preceded by its length. */
    private String hashVocabulary() {
        MessageDigest digest = HadoopFiles.newSha256();
        for (int id = 0; id < END_OF_TEXT; id++) {
            byte[] bytes = decodeBytes(new int[] {id}, 0, 1);
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
