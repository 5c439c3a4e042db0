package org.seqpe.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.seqpe.data.tokenizer.Tokenizer;

/** Text from tokens that come one by one. A token may end in the middle of a character, which then waits. */
final class TokenText {
    private static final int LONGEST_CHARACTER = 4;

    private final Tokenizer tokenizer;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer waiting = ByteBuffer.allocate(0);

    TokenText(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The characters that this token completes. */
    String next(int token) {
        byte[] bytes = tokenizer.decodeBytes(new int[] {token}, 0, 1);
        ByteBuffer in = ByteBuffer.allocate(waiting.remaining() + bytes.length)
                .put(waiting)
                .put(bytes)
                .flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + LONGEST_CHARACTER);
        decoder.decode(in, out, false);
        waiting = in;
        return out.flip().toString();
    }

    /** What is left at the end: a replacement character where a character was cut. */
    String rest() {
        CharBuffer out = CharBuffer.allocate(LONGEST_CHARACTER);
        decoder.decode(waiting, out, true);
        decoder.flush(out);
        return out.flip().toString();
    }
}
