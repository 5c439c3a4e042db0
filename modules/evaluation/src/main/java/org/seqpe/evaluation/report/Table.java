package org.seqpe.evaluation.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table of finished texts that can be shown on a console, in Markdown and in the report.
 *
 * @param columns headings, with the side that their cells are aligned to
 * @param rows cells; every row has one for each column
 */
public record Table(List<Column> columns, List<List<Cell>> rows) {

    /**
     * @param name heading
     * @param right whether cells are aligned to the right, as numbers are
     */
    public record Column(String name, boolean right) {}

    /**
     * @param text the value
     * @param margin its interval in small print; empty when it has none
     * @param mark what stands out about it
     */
    public record Cell(String text, String margin, Mark mark) {
        static Cell of(String text) {
            return new Cell(text, "", Mark.PLAIN);
        }

        static Cell missing(String text) {
            return new Cell(text, "", Mark.MISSING);
        }
    }

    /** What stands out about a cell. */
    public enum Mark {
        PLAIN,
        /** The best of its column: bold where there is bold. */
        BEST,
        /** Says why there is no value. */
        MISSING
    }

    public Table {
        columns = List.copyOf(columns);
        List<List<Cell>> copies = new ArrayList<>();
        for (List<Cell> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "a row of " + row.size() + " cells in a table of " + columns.size() + " columns");
            }
            copies.add(List.copyOf(row));
        }
        rows = List.copyOf(copies);
    }

    /**
     * Plain text: columns padded to their widest cell, two spaces between them, a line under the headings. Intervals
     * stand under their values, so that they do not make the table wider.
     */
    public String toText() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(column -> oneLine(column.name())).toList());
        for (List<Cell> row : rows) {
            lines.add(row.stream().map(cell -> oneLine(cell.text())).toList());
            if (row.stream().anyMatch(cell -> !cell.margin().isEmpty())) {
                lines.add(row.stream().map(Cell::margin).toList());
            }
        }
        int[] widths = widths(lines);
        lines.add(1, IntStream.of(widths).mapToObj("-"::repeat).toList());
        return lines.stream()
                .map(line -> padded(line, widths, "  ").stripTrailing() + "\n")
                .collect(Collectors.joining());
    }

    /** A Markdown table with padded cells, so that its source can be read too. */
    public String toMarkdown() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(column -> escape(column.name())).toList());
        rows.forEach(row -> lines.add(row.stream().map(Table::markdown).toList()));
        int[] widths = widths(lines);
        lines.add(
                1,
                IntStream.range(0, widths.length)
                        .mapToObj(
                                i -> "-".repeat(widths[i] - 1) + (columns.get(i).right() ? ":" : "-"))
                        .toList());
        return lines.stream()
                .map(line -> "| " + padded(line, widths, " | ") + " |\n")
                .collect(Collectors.joining());
    }

    private static String markdown(Cell cell) {
        String text = escape(cell.text());
        return (cell.mark() == Mark.BEST ? "**" + text + "**" : text)
                + (cell.margin().isEmpty() ? "" : " " + escape(cell.margin()));
    }

    private static int[] widths(List<List<String>> lines) {
        return IntStream.range(0, lines.get(0).size())
                .map(i -> Math.max(
                        3,
                        lines.stream()
                                .mapToInt(line -> width(line.get(i)))
                                .max()
                                .orElse(0)))
                .toArray();
    }

    private String padded(List<String> line, int[] widths, String separator) {
        IntFunction<String> pad = i -> {
            String spaces = " ".repeat(widths[i] - width(line.get(i)));
            return columns.get(i).right() ? spaces + line.get(i) : line.get(i) + spaces;
        };
        return IntStream.range(0, widths.length).mapToObj(pad).collect(Collectors.joining(separator));
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    private static String oneLine(String cell) {
        return cell.replaceAll("\\R", " ");
    }

    private static String escape(String cell) {
        return oneLine(cell).replaceAll("([\\\\`*_{}\\[\\]<>|&])", "\\\\$1");
    }
}
