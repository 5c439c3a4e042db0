package org.seqpe.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/**
 * Parses HOCON files on Hadoop paths. An {@code include "other.conf"} is resolved relative to the file that contains
 * it, and must exist.
 */
final class HoconFiles {
    private HoconFiles() {}

    static Config read(String path) {
        return read(path, List.of());
    }

    private static Config read(String path, List<String> including) {
        if (including.contains(path)) {
            throw new UserException(
                    "Cannot read " + path + ": it includes itself, through " + String.join(" and ", including) + ".");
        }
        String text = HadoopFiles.readString(path);
        List<String> chain = new ArrayList<>(including);
        chain.add(path);
        ConfigParseOptions options = ConfigParseOptions.defaults()
                .setOriginDescription(path)
                .setIncluder(new FolderIncluder(HadoopFiles.parent(path), chain));
        try {
            return ConfigFactory.parseReader(new StringReader(text), options);
        } catch (ConfigException e) {
            throw new UserException("Cannot read the configuration: " + e.getMessage(), e);
        }
    }

    private record FolderIncluder(String folder, List<String> chain) implements ConfigIncluder {
        @Override
        public ConfigIncluder withFallback(ConfigIncluder fallback) {
            return this;
        }

        @Override
        public ConfigObject include(ConfigIncludeContext context, String what) {
            return read(HadoopFiles.resolve(folder, what), chain).root();
        }
    }
}
