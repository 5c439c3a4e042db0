package org.seqpe.data.qa.haystack;

import java.util.Arrays;
import java.util.List;
import org.seqpe.core.UserException;

/** What is hidden in a text, and asked for: forms of retrieval in RULER (Hsieh et al., 2024, section 3). */
public enum NeedleForm {
    /** One key with one value. */
    SINGLE("single"),
    /** Several keys with one value each; one of the keys is asked for. */
    MULTI_KEY("multi-key"),
    /** One key with several values; all of them are asked for. */
    MULTI_VALUE("multi-value");

    private final String id;

    NeedleForm(String id) {
        this.id = id;
    }

    /** The name of this form in {@code prepare --needles}. */
    public String id() {
        return id;
    }

    /** All ids. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(NeedleForm::id).toList();
    }

    /** @throws UserException for an unknown id */
    public static NeedleForm of(String id) {
        return Arrays.stream(values())
                .filter(form -> form.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new UserException("Cannot hide needles of the form '" + id + "': expected one of "
                        + String.join(", ", ids()) + "."));
    }
}
