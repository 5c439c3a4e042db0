package org.seqpe.data.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** Cuts a list into runs of about equal size, in its order: the files of a task, or the parts of a shard. */
public final class Runs {
    private Runs() {}

    /**
     * A run ends with the element that brings it to the limit or above.
     *
     * @param size the size of an element
     * @return the runs, none of them empty
     */
    public static <T> List<List<T>> of(List<T> all, ToLongFunction<T> size, long limit) {
        List<List<T>> runs = new ArrayList<>();
        List<T> run = new ArrayList<>();
        long total = 0;
        for (T element : all) {
            run.add(element);
            total += size.applyAsLong(element);
            if (total >= limit) {
                runs.add(run);
                run = new ArrayList<>();
                total = 0;
            }
        }
        if (!run.isEmpty()) {
            runs.add(run);
        }
        return runs;
    }
}
