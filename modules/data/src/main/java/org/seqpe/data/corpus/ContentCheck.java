package org.seqpe.data.corpus;

import java.util.Arrays;
import java.util.Optional;
import org.seqpe.core.UserException;
import org.seqpe.data.text.encoding.Nuls;
import org.seqpe.data.text.encoding.Utf8;

/**
 * Refuses files that are clearly not text, by the first {@value #HEAD} bytes of their (decompressed) content. Only the
 * content decides; the name counts only if it says that the file is compressed. A file is refused by these rules, in
 * this order:
 *
 * <ol>
 *   <li>if it begins with the mark of UTF-16 or UTF-32, or with the bytes of a format that no text begins with
 *       ({@link Signature});
 *   <li>if it begins with letters that identify another format, such as {@code GIF8}, and has 8 NULs or control
 *       characters that texts do not use;
 *   <li>if NULs are 1 in 100 bytes and at least 8, or a quarter of all bytes;
 *   <li>if its name ends like that of a compressed file, but it is not compressed in a format that can be read;
 *   <li>if it is not UTF-8, and 1 in 100 of its byte pairs are spaces, line ends or full stops of UTF-16;
 *   <li>if its first lines are JSON objects;
 *   <li>if control characters that texts do not use are 1 in 20 bytes and at least 8.
 * </ol>
 *
 * So a stray NUL, a text that begins with "PK" or "BM", and a text in another 8-bit encoding pass this check. Whether
 * every document is valid UTF-8 is checked later, byte for byte.
 */
final class ContentCheck {
    /** Number of bytes that are checked. */
    static final int HEAD = 1 << 16;
    /** Accepts any text except JSON Lines. */
    static final ContentCheck TEXT = new ContentCheck(true);
    /** Also accepts JSON Lines, for readers that expect them. */
    static final ContentCheck JSON_LINES = new ContentCheck(false);

    private static final int FEW = 8;
    private static final String CONVERT = "Convert it to plain text in UTF-8, or take it out of the input.";

    private final boolean refusesJson;

    private ContentCheck(boolean refusesJson) {
        this.refusesJson = refusesJson;
    }

    /**
     * Checks the beginning of a file.
     *
     * @param path the file
     * @param isCompressed whether its content had to be decompressed
     * @param buffer its content
     * @param count bytes in {@code buffer}: fewer than {@link #HEAD} only if they are the whole content
     * @throws UserException if the file is not text
     */
    void require(String path, boolean isCompressed, byte[] buffer, int count) {
        byte[] head = Arrays.copyOf(buffer, count);
        Encoding marked = Encoding.marked(head);
        if (marked != null) {
            throw refusal(path, "it is encoded in " + marked.title + ", as its first bytes say", marked.remedy());
        }
        int nuls = Nuls.count(head);
        int controls = controls(head);
        boolean isBinary = nuls >= FEW || controls >= FEW;
        Optional<Signature> signature = Signature.find(head, isBinary);
        if (signature.isPresent()) {
            throw refusal(
                    path, "it is " + signature.get().format(), signature.get().remedy());
        }
        if (Nuls.areTooMany(nuls, count)) {
            // A Chinese text in UTF-16 also has some NULs, in the lower bytes. Its full stops identify it better.
            Encoding byPairs = nuls < count / 4 ? Encoding.byPairs(head) : null;
            Encoding likely = byPairs == null ? Encoding.byNuls(head) : byPairs;
            throw refusal(
                    path,
                    nuls + " of its first " + count + " bytes are NUL"
                            + (likely == null ? "" : ", as in " + likely.title),
                    likely == null ? CONVERT : likely.remedy());
        }
        if (!isCompressed) {
            requireHonestName(path, count == 0, isBinary);
        }
        Encoding likely = isUtf8(head) ? null : Encoding.byPairs(head);
        if (likely != null) {
            throw refusal(path, "it is no UTF-8, and its bytes look like " + likely.title, likely.remedy());
        }
        if (refusesJson && JsonLines.isLikely(head, count < HEAD)) {
            throw refusal(
                    path,
                    "its lines are JSON objects",
                    "Read their text with --corpus jsonl --text-field text, or another field's name.");
        }
        if (controls >= FEW && controls >= count / 20) {
            throw refusal(
                    path,
                    controls + " of its first " + count + " bytes are control characters, so it is no text",
                    CONVERT);
        }
    }

    private static void requireHonestName(String path, boolean isEmpty, boolean isBinary) {
        String certain = Compression.certainSuffix(path);
        String suffix = certain.isEmpty() && isBinary ? Compression.possibleSuffix(path) : certain;
        if (suffix.isEmpty()) {
            return;
        }
        String found = "its name ends with " + suffix + ", but "
                + (isEmpty
                        ? "it is empty"
                        : isBinary
                                ? "it is not compressed in a way that can be read"
                                : "its content is not compressed");
        throw refusal(
                path,
                found,
                isEmpty || isBinary
                        ? "Fetch it again, or decompress it, or compress it with " + Compression.names() + "."
                        : "Take the suffix off its name, or fetch it again.");
    }

    private static UserException refusal(String path, String found, String remedy) {
        return new UserException("Cannot read " + path + " as text: " + found + ". " + remedy);
    }

    private static int controls(byte[] head) {
        int controls = 0;
        for (byte b : head) {
            // Texts contain white space (which includes the separators from 0x1c on), backspaces, and terminal escapes.
            boolean inTexts = b >= '\b' && b <= '\r' || b >= 0x1b;
            controls += b >= 0 && b < ' ' && !inTexts || b == 0x7f ? 1 : 0;
        }
        return controls;
    }

    /** Whether it is valid UTF-8, apart from a character that is cut off at the end of the checked bytes. */
    private static boolean isUtf8(byte[] head) {
        int invalid = Utf8.firstInvalid(head);
        return invalid < 0 || head.length == HEAD && invalid > head.length - 4;
    }

    /** Encodings with more than one byte per character, by their iconv names. */
    private enum Encoding {
        UTF_32LE("UTF-32LE", 4, 0xFF, 0xFE, 0, 0),
        UTF_32BE("UTF-32BE", 4, 0, 0, 0xFE, 0xFF),
        UTF_16LE("UTF-16LE", 2, 0xFF, 0xFE),
        UTF_16BE("UTF-16BE", 2, 0xFE, 0xFF);

        private final String title;
        private final int width;
        private final byte[] mark;

        Encoding(String title, int width, int... mark) {
            this.title = title;
            this.width = width;
            this.mark = new byte[mark.length];
            for (int i = 0; i < mark.length; i++) {
                this.mark[i] = (byte) mark[i];
            }
        }

        String remedy() {
            return "Convert it: iconv -f " + title + " -t UTF-8 FILE > NEW.";
        }

        static Encoding marked(byte[] head) {
            for (Encoding encoding : values()) {
                if (head.length >= encoding.mark.length
                        && Arrays.equals(head, 0, encoding.mark.length, encoding.mark, 0, encoding.mark.length)) {
                    return encoding;
                }
            }
            return null;
        }

        /**
         * The encoding that fits the places of the NULs: in the upper bytes of most characters, and in few of the
         * lowest bytes.
         */
        static Encoding byNuls(byte[] head) {
            int[] nuls = new int[4];
            for (int i = 0; i < 4; i++) {
                nuls[i] = Nuls.count(head, i, 4);
            }
            int most = head.length / 4 * 9 / 10;
            if (most > 0 && nuls[2] >= most && nuls[3] >= most && nuls[0] < most) {
                return UTF_32LE;
            }
            if (most > 0 && nuls[0] >= most && nuls[1] >= most && nuls[3] < most) {
                return UTF_32BE;
            }
            int even = nuls[0] + nuls[2];
            int odd = nuls[1] + nuls[3];
            return odd >= 4 * even ? UTF_16LE : even >= 4 * odd ? UTF_16BE : null;
        }

        /** Detects the encoding by spaces, line ends and full stops, for scripts whose characters have no NULs. */
        static Encoding byPairs(byte[] head) {
            int little = 0;
            int big = 0;
            for (int i = 0; i + 1 < head.length; i += 2) {
                little += isCommon(head[i + 1], head[i]) ? 1 : 0;
                big += isCommon(head[i], head[i + 1]) ? 1 : 0;
            }
            int enough = Math.max(2, head.length / 200);
            return little >= enough && little > big ? UTF_16LE : big >= enough ? UTF_16BE : null;
        }

        private static boolean isCommon(byte upper, byte lower) {
            int character = (upper & 0xFF) << 8 | lower & 0xFF;
            return character == ' '
                    || character == '\n'
                    || character == '\r'
                    || character == 0x3001
                    || character == 0x3002
                    || character == 0xFF0C;
        }
    }
}
