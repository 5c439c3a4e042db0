package org.seqpe.cli;

import java.nio.file.Path;

/** Where the files are that come with the program. */
final class Installation {
    private Installation() {
    }

    /** The local path of a file or folder at the top level of the program; the launcher says where that is, otherwise it is the working folder. */
    static String file(String name) {
        return "file://" + Path.of(System.getProperty("seqpe.home", ".")).toAbsolutePath().normalize().resolve(name);
    }
}
