package org.seqpe.data.tokenizer;

import java.util.List;
import org.seqpe.core.UserException;

/** The tokenizers this project knows, by id. */
public final class Tokenizers {
    private static final List<String> IDS = List.of(Gpt2Tokenizer.ID, ByteTokenizer.ID);

    private Tokenizers() {}

    /** All ids. */
    public static List<String> ids() {
        return IDS;
    }

    /**
     * The tokenizer with this id. Every call returns the same instance.
     *
     * @throws UserException for an unknown id
     */
    public static Tokenizer of(String id) {
        return switch (id) {
            case Gpt2Tokenizer.ID -> Gpt2Holder.INSTANCE;
            case ByteTokenizer.ID -> ByteTokenizer.INSTANCE;
            default -> throw new UserException(
                    "Cannot use the tokenizer '" + id + "': expected one of " + String.join(", ", IDS) + ".");
        };
    }

    /** Builds GPT-2's tables on first use, because building them takes about half a second. */
    private static final class Gpt2Holder {
        private static final Tokenizer INSTANCE = new Gpt2Tokenizer();
    }
}
