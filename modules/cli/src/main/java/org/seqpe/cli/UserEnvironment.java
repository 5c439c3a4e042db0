package org.seqpe.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.security.UserGroupInformation;
import org.seqpe.core.UserException;

/**
 * Makes the program independent of what a user's machine may lack: a name for the user's number, a home folder, a temporary folder from which native libraries can be
 * loaded. To be called before Hadoop, Spark or ND4J is used.
 */
final class UserEnvironment {
    /** JavaCPP's property for the folder to which ND4J's native libraries are unpacked. */
    static final String NATIVE_CACHE = "org.bytedeco.javacpp.cachedir";
    /** Where other libraries unpack theirs: zstd-jni, snappy-java. */
    private static final List<String> NATIVE_TEMPORARY = List.of("ZstdTempFolder", "org.xerial.snappy.tempdir");
    private static final String TEMPORARY = "java.io.tmpdir";
    /** What Java says of a user or a home folder that it cannot find. */
    private static final String UNKNOWN = "?";

    private UserEnvironment() {
    }

    /** @throws UserException where there is no folder for temporary files */
    static void prepare() {
        requireTemporaryFolder();
        nameUser(System.getProperty("user.name"));
        System.getProperties().putAll(nativeFolders(System.getProperty("user.home"), Path.of(System.getProperty(TEMPORARY)), mounts()));
    }

    private static void requireTemporaryFolder() {
        String folder = System.getProperty(TEMPORARY);
        try {
            Files.delete(Files.createTempFile(Path.of(folder), "seqpe", ".try"));
        } catch (IOException | InvalidPathException e) {
            throw new UserException("Cannot use the folder for temporary files " + folder + ": expected one that exists, can be written and has room, found "
                    + problem(e) + "; name another one: export TMPDIR=FOLDER, or SEQPE_JAVA_OPTS=-D" + TEMPORARY + "=FOLDER.", e);
        }
    }

    private static String problem(Exception e) {
        return e instanceof NoSuchFileException ? "no such folder" : e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
    }

    /** Hadoop refuses to log in a user without a name, as a container that was started with a bare number has. The number is name enough. */
    private static void nameUser(String name) {
        if (name != null && !name.isBlank() && !name.equals(UNKNOWN) || UserGroupInformation.isSecurityEnabled()) {
            return;
        }
        String given = Optional.ofNullable(System.getenv("HADOOP_USER_NAME")).orElseGet(UserEnvironment::number);
        System.setProperty("user.name", given);
        UserGroupInformation.setLoginUser(UserGroupInformation.createRemoteUser(given));
    }

    private static String number() {
        try {
            return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException e) {
            return "nobody";
        }
    }

    /**
     * Properties that send native libraries to a folder where they can be written and mapped: none where the usual folders will do.
     *
     * @param home      the user's home folder as Java knows it
     * @param temporary the folder for temporary files
     * @param noexec    mount points from which nothing can be executed
     */
    static Map<String, String> nativeFolders(String home, Path temporary, List<Path> noexec) {
        Map<String, String> chosen = new HashMap<>();
        boolean temporaryWorks = isUsable(temporary, noexec);
        boolean homeWorks = home != null && !home.equals(UNKNOWN) && isUsable(Path.of(home, ".javacpp", "cache"), noexec);
        Path fallback = temporaryWorks ? temporary : homeWorks ? Path.of(home) : Path.of("").toAbsolutePath();
        if (!homeWorks && System.getProperty(NATIVE_CACHE) == null) {
            // One folder for each user, as JavaCPP has it.
            chosen.put(NATIVE_CACHE, fallback.resolve(".javacpp-" + System.getProperty("user.name")).resolve("cache").toString());
        }
        if (!temporaryWorks) {
            NATIVE_TEMPORARY.stream().filter(property -> System.getProperty(property) == null).forEach(property -> chosen.put(property, fallback.toString()));
        }
        return chosen;
    }

    /** Whether a folder is there or can be made, can be written, and is on no mount point from which nothing can be executed. */
    private static boolean isUsable(Path folder, List<Path> noexec) {
        Path existing = folder.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
            return false;
        }
        Path real = existing;
        try {
            real = existing.toRealPath();
        } catch (IOException e) {
            return false;
        }
        return noexec.stream().noneMatch(real::startsWith);
    }

    /** Mount points with the option noexec; none where the system does not tell. */
    private static List<Path> mounts() {
        List<Path> noexec = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
                String[] fields = line.split(" ");
                if (fields.length > 3 && List.of(fields[3].split(",")).contains("noexec")) {
                    noexec.add(Path.of(fields[1]));
                }
            }
        } catch (IOException | InvalidPathException e) {
            return List.of();
        }
        return noexec;
    }
}
