package org.seqpe.core.config;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;

/** Describes in messages where a configuration value comes from. */
final class Places {
    static final String DEFAULTS = "default";
    static final String OVERRIDE = "--set ";

    private Places() {}

    /** "runs/x.conf, line 12", "--set a.b=c" or "default". */
    static String of(ConfigValue value) {
        ConfigOrigin origin = value.origin();
        String description = origin.description();
        if (origin.lineNumber() <= 0) {
            return description;
        }
        String file = description.replaceFirst(": \\d+(-\\d+)?$", "");
        return file.startsWith(OVERRIDE) || file.equals(DEFAULTS) ? file : file + ", line " + origin.lineNumber();
    }
}
