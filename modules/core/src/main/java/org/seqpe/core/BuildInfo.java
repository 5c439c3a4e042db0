package org.seqpe.core;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** The versions and the source commit of this build. The build writes them into a resource. */
public final class BuildInfo {
    private static final Properties PROPERTIES = load();

    private BuildInfo() {}

    /**
     * The git commit, with "-dirty" if the sources had uncommitted changes, or "unknown" if they were not a git
     * checkout.
     */
    public static String commit() {
        return PROPERTIES.getProperty("commit")
                + (Boolean.parseBoolean(PROPERTIES.getProperty("dirty")) ? "-dirty" : "");
    }

    /** The version of seqpe-spark. */
    public static String version() {
        return PROPERTIES.getProperty("seqpe");
    }

    /** Versions of seqpe-spark, of the libraries it was built against, and of the running Java. */
    public static Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        for (String name : PROPERTIES.stringPropertyNames()) {
            if (!name.equals("commit") && !name.equals("dirty")) {
                versions.put(name, PROPERTIES.getProperty(name));
            }
        }
        versions.put("java", System.getProperty("java.version"));
        return versions;
    }

    private static Properties load() {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the build properties", e);
        }
        return properties;
    }
}
