package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the code cites of docs/method.md is there: sections by number, parts of them by name. */
class MethodCitationsTest {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern CITATION =
            Pattern.compile("method\\.md(?:\\s+sections?\\s+(\\d+)(?:\\s+(to|and)\\s+(\\d+))?(?:,\\s+\"([^\"]+)\")?)?");

    private static List<String> headings(String marks) throws IOException {
        try (Stream<String> lines = Files.lines(ROOT.resolve("docs/method.md"))) {
            return lines.filter(line -> line.startsWith(marks + " "))
                    .map(line -> line.substring(marks.length() + 1))
                    .toList();
        }
    }

    /** One citation may go on in the next line of a comment. */
    private static String text(Path source) {
        try {
            return Files.readString(source).replaceAll("\\n\\s*\\*?\\s*", " ");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void everyCitationIsOfASectionThatExists() throws IOException {
        Set<Integer> sections = headings("##").stream()
                .map(heading -> Integer.parseInt(heading.replaceFirst("\\..*", "")))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> parts = Set.copyOf(headings("###"));
        List<String> missing = new ArrayList<>();
        int found = 0;
        try (Stream<Path> files = Files.walk(ROOT.resolve("modules"))) {
            for (Path source : files.filter(file ->
                            file.toString().endsWith(".java") && file.toString().contains("/src/"))
                    .toList()) {
                Matcher citation = CITATION.matcher(text(source));
                while (citation.find()) {
                    found++;
                    if (!isThere(citation.toMatchResult(), sections, parts)) {
                        missing.add(source.getFileName() + ": " + citation.group());
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(found).as("citations").isGreaterThan(20);
    }

    private static boolean isThere(MatchResult citation, Set<Integer> sections, Set<String> parts) {
        if (citation.group(1) == null) {
            return true;
        }
        int first = Integer.parseInt(citation.group(1));
        int last = citation.group(3) == null ? first : Integer.parseInt(citation.group(3));
        return IntStream.rangeClosed(first, last).allMatch(sections::contains)
                && (citation.group(4) == null || parts.contains(citation.group(4)));
    }
}
