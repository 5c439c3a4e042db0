package org.seqpe.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.Table.Cell;
import org.seqpe.evaluation.Table.Column;
import org.seqpe.evaluation.Table.Mark;

/** The tables that a sweep is read from. */
public final class SweepTables {
    private static final String NONE = "-";

    private static final List<Field> DETAILS = List.of(
            new Field("run", false, SweepRow::run),
            new Field("encoding", false, row -> text(row.encoding())),
            new Field("protocol", false, row -> Protocols.text(row.protocol())),
            new Field("length", true, row -> text(row.length())),
            new Field("stride", true, row -> text(row.stride())),
            new Field("tokens", true, row -> text(row.tokens())),
            new Field(
                    "nll/token",
                    true,
                    row -> fixed(row.tokens() == null ? null : (Double) (row.nll() / row.tokens()), 4)),
            new Field("perplexity", true, row -> perplexity(row.perplexity())),
            new Field("word ppl", true, row -> perplexity(row.wordPerplexity())),
            new Field("space-token ppl", true, row -> perplexity(row.spaceTokenPerplexity())),
            new Field("bits/byte", true, row -> fixed(row.bitsPerByte(), 4)),
            new Field("bits/char", true, row -> fixed(row.bitsPerCharacter(), 4)),
            new Field("tokens/s", true, row -> fixed(row.tokensPerSecond(), 0)),
            new Field(
                    "peak MiB", true, row -> text(row.peakMemoryBytes() == null ? null : row.peakMemoryBytes() >> 20)),
            new Field("status", false, row -> status(row.status())),
            new Field("message", false, SweepRow::message));

    private record Field(String name, boolean right, Function<SweepRow, String> value) {}

    private SweepTables() {}

    /**
     * Perplexity of the rows of one protocol: a line for each run in the order of their first row, a column for each
     * length. The lowest perplexity of a length is marked where several runs have one.
     */
    public static Table pivot(List<SweepRow> rows, Protocol protocol) {
        List<SweepRow> chosen =
                rows.stream().filter(row -> row.protocol() == protocol).toList();
        List<Integer> lengths =
                chosen.stream().map(SweepRow::length).distinct().sorted().toList();
        List<Column> columns = new ArrayList<>(
                List.of(new Column("run", false), new Column("encoding", false), new Column("trained at", true)));
        lengths.forEach(length -> columns.add(new Column(Integer.toString(length), true)));
        List<List<Cell>> lines = new ArrayList<>();
        for (String run : chosen.stream().map(SweepRow::run).distinct().toList()) {
            List<SweepRow> ofRun =
                    chosen.stream().filter(row -> row.run().equals(run)).toList();
            List<Cell> line = new ArrayList<>(List.of(
                    Cell.of(run),
                    Cell.of(text(ofRun.get(0).encoding())),
                    Cell.of(text(ofRun.get(0).trainingLength()))));
            for (int length : lengths) {
                List<SweepRow> competitors =
                        chosen.stream().filter(row -> row.length() == length).toList();
                line.add(ofRun.stream()
                        .filter(row -> row.length() == length)
                        .findFirst()
                        .map(row -> perplexityCell(row, best(competitors)))
                        .orElse(new Cell(NONE, Mark.MISSING)));
            }
            lines.add(line);
        }
        return new Table(columns, lines);
    }

    /** Every row with its main measures. */
    public static Table detail(List<SweepRow> rows) {
        return new Table(
                DETAILS.stream()
                        .map(field -> new Column(field.name, field.right))
                        .toList(),
                rows.stream()
                        .map(row -> DETAILS.stream()
                                .map(field -> detailCell(field, row))
                                .toList())
                        .toList());
    }

    /** The pivot table of every protocol and the detail table, under headings: what a command prints. */
    public static String toText(List<SweepRow> rows) {
        return protocols(rows).stream()
                        .map(protocol -> "Perplexity, " + title(rows, protocol) + ":\n\n"
                                + pivot(rows, protocol).toText() + "\n")
                        .collect(Collectors.joining())
                + "All measurements:\n\n" + detail(rows).toText();
    }

    /** The same as Markdown, with headings of the given level. */
    public static String toMarkdown(List<SweepRow> rows, int headingLevel) {
        String heading = "#".repeat(headingLevel) + " ";
        return protocols(rows).stream()
                        .map(protocol -> heading + "Perplexity, " + title(rows, protocol) + "\n\n"
                                + pivot(rows, protocol).toMarkdown() + "\n")
                        .collect(Collectors.joining())
                + heading + "All measurements\n\n" + detail(rows).toMarkdown();
    }

    static List<Protocol> protocols(List<SweepRow> rows) {
        return rows.stream().map(SweepRow::protocol).distinct().toList();
    }

    static String title(List<SweepRow> rows, Protocol protocol) {
        return switch (protocol) {
            case NON_OVERLAPPING -> "non-overlapping windows";
            case SLIDING -> "sliding windows, stride "
                    + rows.stream()
                            .filter(row -> row.protocol() == protocol)
                            .map(row -> Integer.toString(row.stride()))
                            .distinct()
                            .collect(Collectors.joining(", "));
        };
    }

    private static Optional<Double> best(List<SweepRow> competitors) {
        List<Double> values = competitors.stream()
                .map(SweepRow::perplexity)
                .filter(Objects::nonNull)
                .toList();
        return values.size() > 1 ? values.stream().min(Double::compare) : Optional.empty();
    }

    private static Cell perplexityCell(SweepRow row, Optional<Double> best) {
        if (row.status() != Status.OK) {
            return new Cell(status(row.status()), Mark.MISSING);
        }
        return new Cell(
                perplexity(row.perplexity()),
                best.isPresent() && best.get().equals(row.perplexity()) ? Mark.BEST : Mark.PLAIN);
    }

    private static Cell detailCell(Field field, SweepRow row) {
        return new Cell(
                field.value.apply(row),
                field.name.equals("status") && row.status() != Status.OK ? Mark.MISSING : Mark.PLAIN);
    }

    private static String status(Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Two decimals below a thousand, none below a million, then powers of ten: about as many digits as a perplexity is
     * good for.
     */
    private static String perplexity(Double value) {
        return value != null && value >= 1e6
                ? String.format(Locale.ROOT, "%.2e", value)
                : fixed(value, value != null && value < 1000 ? 2 : 0);
    }

    private static String fixed(Double value, int decimals) {
        return value == null ? NONE : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    private static String text(Object value) {
        return value == null ? NONE : value.toString();
    }
}
