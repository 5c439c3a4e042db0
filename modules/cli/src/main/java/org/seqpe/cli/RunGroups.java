package org.seqpe.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.run.RunFolder;

/**
 * Groups of runs whose configurations differ in nothing but name and seed. A group is called by what the names of its
 * runs begin with: rope-1, rope-2 and rope-3 are the group rope.
 */
final class RunGroups {
    private static final List<String> LEFT_ASIDE = List.of("name=group", "seed=0");
    /** What stands between a common name and the seed. */
    private static final Pattern END = Pattern.compile("[-_. ]*(seed)?[-_. =]*$");

    private RunGroups() {}

    /** The name of each run's group, by the run's label. */
    static Map<String, String> of(List<RunFolder> runs, RunLabels labels) {
        Map<RunConfig, List<RunFolder>> together = new LinkedHashMap<>();
        for (RunFolder run : runs) {
            together.computeIfAbsent(run.config(LEFT_ASIDE), config -> new ArrayList<>())
                    .add(run);
        }
        Map<String, String> groups = new HashMap<>();
        Set<String> names = new HashSet<>();
        for (List<RunFolder> group : together.values()) {
            String first = labels.of(group.get(0));
            String common = common(group);
            String name = !common.isEmpty() && names.add(common) ? common : first;
            group.forEach(run -> groups.put(labels.of(run), name));
        }
        return groups;
    }

    private static String common(List<RunFolder> group) {
        if (group.size() == 1) {
            return group.get(0).config().name();
        }
        String prefix = group.get(0).config().name();
        for (RunFolder run : group) {
            while (!run.config().name().startsWith(prefix)) {
                prefix = prefix.substring(0, prefix.length() - 1);
            }
        }
        return END.matcher(prefix).replaceFirst("");
    }
}
