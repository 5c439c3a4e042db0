package org.seqpe.evaluation;

import java.util.Locale;
import org.seqpe.core.config.EvaluationConfig.Protocol;

/** How files and tables write a protocol: "non-overlapping", "sliding". */
final class Protocols {
    private Protocols() {}

    static String text(Protocol protocol) {
        return protocol.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException if there is no such protocol */
    static Protocol parse(String text) {
        return Protocol.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
