package org.seqpe.core.config;

import java.util.List;

/**
 * A value of a configuration record is invalid, or values contradict each other. {@link ConfigReader} turns it into a
 * {@link org.seqpe.core.UserException} that names the file and line of every key.
 */
public final class ConfigProblem extends IllegalArgumentException {
    /** Used in place of a key when the problem is the value itself, such as a list element, which has no key. */
    static final String SELF = "";

    private static final long serialVersionUID = 1L;
    private final List<String> keys;
    private final String problem;

    /**
     * @param problem what was expected, what was found, and the remedy
     * @param keys the keys concerned, relative to the record
     */
    public ConfigProblem(String problem, List<String> keys) {
        super(String.join(", ", keys) + ": " + problem);
        this.keys = List.copyOf(keys);
        this.problem = problem;
    }

    public List<String> keys() {
        return keys;
    }

    public String problem() {
        return problem;
    }

    /** The same problem with keys relative to the record that holds this one as {@code prefix}. */
    ConfigProblem under(String prefix) {
        ConfigProblem outer = new ConfigProblem(
                problem,
                keys.stream()
                        .map(key -> key.equals(SELF) ? prefix : prefix + "." + key)
                        .toList());
        outer.setStackTrace(getStackTrace());
        return outer;
    }
}
