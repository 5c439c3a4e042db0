package org.seqpe.data.qa.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.TaskRunner;
import org.seqpe.data.qa.stage.Part;

/** Runs the tasks of a stage and reads their results. */
record Stage(TaskRunner runner, PrepareProgress progress) {

    /** Runs tasks, and returns their results in the same order. */
    <T> List<T> run(String name, List<?> tasks, TaskRunner.Work work, Class<T> result) {
        progress.stage(name, tasks.size());
        return runner.run(name, tasks.stream().map(Json::line).toList(), work).stream()
                .map(json -> Json.parse(json, result, "a task of preparation"))
                .toList();
    }

    /** Runs the tasks of all splits together. */
    <T> SortedMap<String, List<T>> run(
            String name, SortedMap<String, ? extends List<?>> tasks, TaskRunner.Work work, Class<T> result) {
        List<Object> all = new ArrayList<>();
        tasks.values().forEach(all::addAll);
        List<T> results = run(name, all, work, result);
        SortedMap<String, List<T>> bySplit = new TreeMap<>();
        int next = 0;
        for (var split : tasks.entrySet()) {
            int end = next + split.getValue().size();
            bySplit.put(split.getKey(), results.subList(next, end));
            next = end;
        }
        return bySplit;
    }

    /**
     * Runs tasks that make parts.
     *
     * @throws UserException if one found something wrong with the input
     */
    SortedMap<String, List<Part>> parts(String name, SortedMap<String, ? extends List<?>> tasks, TaskRunner.Work work) {
        SortedMap<String, List<Part>> parts = run(name, tasks, work, Part.class);
        parts.values().forEach(all -> all.forEach(part -> requireNoProblem(part.problem())));
        return parts;
    }

    static void requireNoProblem(String problem) {
        if (!problem.isEmpty()) {
            throw new UserException(problem);
        }
    }
}
