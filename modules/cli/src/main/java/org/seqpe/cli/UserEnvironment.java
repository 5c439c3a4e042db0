package org.seqpe.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.hadoop.security.UserGroupInformation;
import org.seqpe.core.UserException;

/**
 * Makes the program independent of things that a machine may lack: a name for the user's number, a home folder, and a
 * temporary folder from which native libraries can be loaded. Call it before Hadoop, Spark or ND4J is used.
 */
final class UserEnvironment {
    /** JavaCPP's property for the folder to which ND4J's native libraries are unpacked. */
    static final String NATIVE_CACHE = "org.bytedeco.javacpp.cachedir";

    private static final String TEMPORARY = "java.io.tmpdir";
    private static final String HOME = "user.home";
    private static final String USER = "user.name";
    /** Java's value for a user or a home folder that it cannot find. */
    private static final String UNKNOWN = "?";

    private UserEnvironment() {}

    /** @throws UserException if no folder can be found for temporary files */
    static void prepare() {
        String given = System.getProperty(TEMPORARY);
        ScratchFolder temporary = ScratchFolder.temporary(given, System.getenv("TMPDIR"));
        temporary.warning().ifPresent(System.err::println);
        if (!temporary.path().equals(Path.of(given))) {
            System.setProperty(TEMPORARY, temporary.path().toString());
        }
        String home = System.getProperty(HOME);
        boolean isHome = Path.of(home).isAbsolute();
        if (System.getProperty(NATIVE_CACHE) == null
                && !(isHome && ScratchFolder.holdsLibraries(Path.of(home, ".javacpp", "cache")))) {
            // No warning is needed, because services usually have no writable home folder.
            System.setProperty(
                    NATIVE_CACHE,
                    ScratchFolder.own(temporary.path()).resolve("javacpp").toString());
        }
        if (!isHome) {
            System.setProperty(HOME, ScratchFolder.own(temporary.path()).toString());
        }
        nameUser(System.getProperty(USER));
    }

    /**
     * Gives the user a name. Hadoop asks the system for the user and refuses one without a name, as in a container that
     * was started with only a user number. The number is used as the name.
     */
    private static void nameUser(String name) {
        if (!UNKNOWN.equals(name)) {
            return;
        }
        String given = Optional.ofNullable(System.getenv("HADOOP_USER_NAME"))
                .filter(asked -> !asked.isBlank())
                .orElseGet(() -> String.valueOf(userNumber()));
        System.setProperty(USER, given);
        if (UserGroupInformation.isSecurityEnabled()) {
            throw new UserException("Cannot log in to a secured Hadoop: expected a user with a name, found the number "
                    + given + ", which has none on this machine; "
                    + "give it an entry in /etc/passwd (in containers with libnss_wrapper), or use another user.");
        }
        UserGroupInformation.setLoginUser(UserGroupInformation.createRemoteUser(given));
    }

    /**
     * The number by which the system knows the user of this process. The JDK's own answer (UnixSystem) is 0 for users
     * without a name.
     */
    static int userNumber() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot find out the user's number: " + e.getMessage(), e);
        }
    }
}
