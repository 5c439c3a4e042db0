package org.seqpe.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the files that come with the program. */
final class Installation {
    /**
     * System property with the program's folder, set by the launcher and by the scripts that submit from a checkout.
     */
    private static final String HOME = "seqpe.home";
    /** The ready configurations in the program's jar or classes. */
    private static final String PACKED = "org/seqpe/cli/conf";

    private static Path unpacked;

    private Installation() {}

    /**
     * The folder of ready configurations: the installation's folder, or a copy of those in the program's jar if only
     * the jar is available, as in a container of a cluster. It is always a local path.
     */
    static synchronized String configurations() {
        String home = System.getProperty(HOME);
        if (home != null) {
            return "file://" + Path.of(home).toAbsolutePath().normalize().resolve("conf");
        }
        if (unpacked == null) {
            unpacked = unpack();
        }
        return "file://" + unpacked;
    }

    private static Path unpack() {
        try {
            Path folder = Files.createTempDirectory("seqpe-conf");
            folder.toFile().deleteOnExit();
            Path code = code();
            if (Files.isDirectory(code)) {
                copy(code.resolve(PACKED), folder);
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(code)) {
                    copy(jar.getPath(PACKED), folder);
                }
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot unpack the ready configurations: " + e.getMessage(), e);
        }
    }

    /** The folder of the jars, or of the classes if they are not in a jar. */
    static Path libraries() {
        Path code = code();
        return Files.isDirectory(code) ? code : code.toAbsolutePath().getParent();
    }

    /** The jar of this class, or the folder of its classes. */
    private static Path code() {
        try {
            return Path.of(Installation.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("Cannot find the program's own jar", e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(from)) {
            files = all.toList();
        }
        for (Path file : files) {
            Path copy = to.resolve(file.getFileName().toString());
            Files.copy(file, copy);
            copy.toFile().deleteOnExit();
        }
    }
}
