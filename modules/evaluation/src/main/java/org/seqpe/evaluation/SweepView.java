package org.seqpe.evaluation;

import java.util.List;
import java.util.function.Function;

/**
 * How tables and reports show a task's rows: the axis, the measures and what they are called.
 *
 * @param <R> the task's rows
 */
public interface SweepView<R extends SweepRow> {

    /**
     * What a sweep varies.
     *
     * @param name one word in lower case, such as "length"
     * @param title the caption of a plot's axis, such as "Length in tokens"
     */
    record Axis(String name, String title) {}

    /**
     * A number that runs are compared by.
     *
     * @param key names it in the report's data, in camel case
     * @param name what people call it, such as "Perplexity"
     * @param lowerIsBetter whether the best value is the lowest
     * @param value with its interval; null where a row has none
     * @param text how tables write a value, which may be null
     * @param limit the largest possible value, so that no axis goes beyond it; null where there is none
     */
    record Measure<R>(
            String key,
            String name,
            boolean lowerIsBetter,
            Function<R, Estimate> value,
            Function<Double, String> text,
            Double limit) {

        /** A number that may be as large as it likes. */
        public Measure(
                String key,
                String name,
                boolean lowerIsBetter,
                Function<R, Estimate> value,
                Function<Double, String> text) {
            this(key, name, lowerIsBetter, value, text, null);
        }
    }

    /**
     * A column of the table of all measurements.
     *
     * @param number whether it is aligned to the right
     * @param text the value
     * @param margin its interval as {@link Numbers#margin} writes it; empty when it has none
     */
    record Detail<R>(String name, boolean number, Function<R, String> text, Function<R, String> margin) {

        /** A column of values without intervals. */
        public Detail(String name, boolean number, Function<R, String> text) {
            this(name, number, text, row -> "");
        }

        /**
         * A column of measured numbers.
         *
         * @param value null where a row has none
         * @param text how the table writes a value, which may be null
         */
        public static <R> Detail<R> of(String name, Function<R, Estimate> value, Function<Double, String> text) {
            return new Detail<>(
                    name,
                    true,
                    row -> Numbers.text(value.apply(row), text),
                    row -> Numbers.margin(value.apply(row), text));
        }
    }

    /** The record that is a row. */
    Class<R> rows();

    Axis axis();

    /** The measures that are plotted. The first is also the one that runs are compared by in tables. */
    List<Measure<R>> measures();

    /** The columns of the table of all measurements that only this task has. */
    List<Detail<R>> details();

    /**
     * A series in words, such as "sliding windows, stride 256".
     *
     * @param rows of that series
     */
    String title(String series, List<R> rows);

    /** The unit of the training loss, such as "nats per token". */
    String lossUnit();

    /** A sentence or two that explain the plot of the loss by position, for tasks that have one. */
    default String positions() {
        return "";
    }

    /** Definitions of the measures: dt and dd elements of HTML. */
    String definitions();
}
