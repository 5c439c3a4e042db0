package org.seqpe.data.qa.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.JsonLines;
import org.seqpe.data.corpus.TextFiles;

/** What questions with answers can be prepared from. */
public enum AnswerCorpusKind {
    /** JSON Lines with a prompt and its right answers in each object, the form of RULER (Hsieh et al., 2024). */
    JSONL("answers-jsonl"),
    /** SQuAD's JSON (Rajpurkar et al., 2016 and 2018): paragraphs with questions whose answers stand in them. */
    SQUAD("squad"),
    /** Any text: sentences are hidden in it, and asked for. */
    NEEDLES("needles");

    private final String id;

    AnswerCorpusKind(String id) {
        this.id = id;
    }

    /** The name of this kind in {@code prepare --corpus}. */
    public String id() {
        return id;
    }

    /** All ids. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(AnswerCorpusKind::id).toList();
    }

    /** @throws UserException for an unknown id */
    public static AnswerCorpusKind of(String id) {
        return Arrays.stream(values())
                .filter(kind -> kind.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new UserException("Cannot prepare the corpus kind '" + id
                        + "': expected auto or one of " + String.join(", ", ids()) + "."));
    }

    /** Whether a file's name is that of a file of this kind. */
    boolean isNamed(InputFile file) {
        return switch (this) {
            case JSONL -> JsonLines.isNamed(file.name());
            case SQUAD -> isJson(file);
            case NEEDLES -> false;
        };
    }

    private static boolean isJson(InputFile file) {
        return TextFiles.hasExtension(file.name(), "json");
    }

    /**
     * The kind that files look like, by the fields of the first object of the first file; empty if they look like
     * something else. JSON Lines with a field {@code text} are text.
     */
    public static Optional<AnswerCorpusKind> detect(List<InputFile> files) {
        Optional<InputFile> json =
                files.stream().filter(AnswerCorpusKind::isJson).findFirst();
        if (json.isPresent()) {
            return outline(json.get()).fields().contains("/data/0/paragraphs") ? Optional.of(SQUAD) : Optional.empty();
        }
        if (files.isEmpty() || !files.stream().allMatch(JSONL::isNamed)) {
            return Optional.empty();
        }
        JsonLines.Outline outline = outline(files.get(0));
        Set<String> fields = outline.fields();
        // A long prompt may hide the fields after it.
        boolean likely = fields.contains("/input")
                && (fields.contains("/outputs") || !outline.isWhole())
                && !fields.contains("/text");
        return likely ? Optional.of(JSONL) : Optional.empty();
    }

    private static JsonLines.Outline outline(InputFile file) {
        try {
            return JsonLines.outline(file.path());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file.path() + ": " + e.getMessage(), e);
        }
    }
}
