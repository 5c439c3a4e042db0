package org.seqpe.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;

/**
 * A folder for temporary files, in which native libraries are unpacked too: those of the tensors, of zstd, snappy and
 * lz4.
 *
 * @param path its path
 * @param warning where it is not the folder that was to be expected: a sentence that says why
 */
record ScratchFolder(Path path, Optional<String> warning) {
    private static final String DEFAULT = "/tmp";
    /** So much must go into it at the least: Spark and the libraries need some. */
    private static final int TRIAL_BYTES = 1 << 20;
    /** The native libraries of the tensors, unpacked, with some room to spare. */
    private static final long LIBRARIES_BYTES = 400L << 20;

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    /**
     * The first folder that can be written, has some room and allows programs: the one that was asked for, then the
     * system's.
     *
     * @param given java.io.tmpdir
     * @param variable TMPDIR, which Java does not read; may be null
     * @throws UserException where there is none
     */
    static ScratchFolder temporary(String given, String variable) {
        Set<Path> candidates = new LinkedHashSet<>();
        if (!given.equals(DEFAULT)) {
            candidates.add(Path.of(given).toAbsolutePath());
        }
        if (variable != null && !variable.isBlank()) {
            candidates.add(Path.of(variable).toAbsolutePath());
        }
        candidates.add(Path.of(DEFAULT));
        candidates.add(Path.of("/var/tmp"));
        candidates.add(Path.of("/dev/shm"));
        return firstOf(candidates);
    }

    private static ScratchFolder firstOf(Set<Path> candidates) {
        Map<Path, String> unusable = new LinkedHashMap<>();
        for (Path candidate : candidates) {
            Optional<String> flaw = flaw(candidate, TRIAL_BYTES, true);
            if (flaw.isEmpty()) {
                return new ScratchFolder(
                        candidate,
                        unusable.isEmpty()
                                ? Optional.empty()
                                : Optional.of("Temporary files go to " + candidate + ", because " + told(unusable)
                                        + ". TMPDIR names another folder."));
            }
            unusable.put(candidate, flaw.get());
        }
        throw new UserException(
                "Cannot find a folder for temporary files: expected one that can be written, has room and may hold programs, found that "
                        + told(unusable) + ". Set TMPDIR to such a folder.");
    }

    /** Folders and their flaws, as a part of a sentence. */
    static String told(Map<Path, String> unusable) {
        return unusable.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    /**
     * Whether the native libraries of the tensors can be unpacked into a folder, which is made where it is missing, or
     * have been.
     */
    static boolean holdsLibraries(Path folder) {
        boolean isNew = Files.notExists(folder);
        return made(folder).isEmpty()
                && flaw(folder, isNew ? LIBRARIES_BYTES : TRIAL_BYTES, true).isEmpty();
    }

    /** What speaks against a folder for data, which is made where it is missing; empty where it will do. */
    static Optional<String> flawOnceMade(Path folder) {
        return made(folder).or(() -> flaw(folder, TRIAL_BYTES, false));
    }

    /** Makes a folder, and says why not. */
    private static Optional<String> made(Path folder) {
        try {
            Files.createDirectories(folder);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot be made (" + reason(e) + ")");
        }
    }

    /**
     * A folder that is this user's alone in one that all users share, made where it is missing.
     *
     * @throws UserException where somebody else has a folder of that name
     */
    static Path own(Path shared) {
        Path folder = shared.resolve("seqpe-" + UserEnvironment.userNumber());
        try {
            try {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
            } catch (FileAlreadyExistsException e) {
                // Whoever can write there could slip in a library.
                boolean isOurs = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                        && Files.getAttribute(folder, "unix:uid").equals(UserEnvironment.userNumber())
                        && Files.getPosixFilePermissions(folder).equals(PRIVATE);
                if (!isOurs) {
                    throw new UserException(
                            "Cannot use " + folder
                                    + ": expected a folder of this user that nobody else can enter (mode 700), found another one; "
                                    + "remove it, or set TMPDIR to another folder.",
                            e);
                }
            }
            return folder;
        } catch (IOException e) {
            throw new UserException(
                    "Cannot make the folder " + folder + ": " + reason(e)
                            + "; set TMPDIR to a folder that can be written.",
                    e);
        }
    }

    /**
     * What speaks against a folder; empty where it will do.
     *
     * @param bytes that it needs room for
     * @param programs whether it must allow programs
     */
    static Optional<String> flaw(Path folder, long bytes, boolean programs) {
        Path trial = folder.resolve(".seqpe-" + UUID.randomUUID());
        try {
            if (!Files.isDirectory(folder)) {
                return Optional.of(Files.exists(folder) ? "is no folder" : "is not there");
            }
            try {
                // Not Files.createTempFile: it would settle on java.io.tmpdir for good.
                Files.createFile(trial, PosixFilePermissions.asFileAttribute(PRIVATE));
                Files.write(trial, new byte[TRIAL_BYTES], StandardOpenOption.WRITE);
                if (programs && !Files.isExecutable(trial)) {
                    return Optional.of("allows no programs (it is mounted noexec)");
                }
                long free = Files.getFileStore(folder).getUsableSpace();
                return free < bytes - TRIAL_BYTES
                        ? Optional.of("has no more than " + (free >> 20) + " MiB of room")
                        : Optional.empty();
            } finally {
                Files.deleteIfExists(trial);
            }
        } catch (IOException e) {
            return Optional.of("cannot be written (" + reason(e) + ")");
        }
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "no such folder";
        }
        return e instanceof FileSystemException file && file.getReason() != null ? file.getReason() : e.getMessage();
    }
}
