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
 * A folder for temporary files. Native libraries are unpacked there too: those of the tensors, zstd, snappy and lz4.
 *
 * @param path its path
 * @param warning a sentence that explains why it is not the expected folder; empty if it is
 */
record ScratchFolder(Path path, Optional<String> warning) {
    private static final String DEFAULT = "/tmp";
    /** Bytes that a folder must at least hold, written on trial: Spark and the libraries need some space. */
    private static final int TRIAL_BYTES = 1 << 20;
    /** Size of the unpacked native libraries of the tensors, with a margin. */
    private static final long LIBRARIES_BYTES = 400L << 20;

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    /**
     * The first folder that is writable, has some free space and allows programs. The requested folder is tried first,
     * then the system's.
     *
     * @param given java.io.tmpdir
     * @param variable TMPDIR, which Java does not read; may be null
     * @throws UserException if there is none
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

    /** Lists folders and their flaws as part of a sentence. */
    static String told(Map<Path, String> unusable) {
        return unusable.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    /**
     * Whether the native libraries of the tensors can be unpacked into a folder, or have been already. A missing folder
     * is created.
     */
    static boolean holdsLibraries(Path folder) {
        boolean isNew = Files.notExists(folder);
        return made(folder).isEmpty()
                && flaw(folder, isNew ? LIBRARIES_BYTES : TRIAL_BYTES, true).isEmpty();
    }

    /** The reason why a folder is unsuitable for data; empty if it is suitable. A missing folder is created. */
    static Optional<String> flawOnceMade(Path folder) {
        return made(folder).or(() -> flaw(folder, TRIAL_BYTES, false));
    }

    /** Creates a folder. Returns the reason if that fails. */
    private static Optional<String> made(Path folder) {
        try {
            Files.createDirectories(folder);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot be made (" + reason(e) + ")");
        }
    }

    /**
     * A private folder of this user inside a folder that all users share. It is created if it is missing.
     *
     * @throws UserException if another user owns a folder of that name
     */
    static Path own(Path shared) {
        Path folder = shared.resolve("seqpe-" + UserEnvironment.userNumber());
        try {
            try {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
            } catch (FileAlreadyExistsException e) {
                // Anyone who can write there could plant a library.
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
     * The reason why a folder is unsuitable; empty if it is suitable.
     *
     * @param bytes free space that it needs
     * @param programs whether it must allow programs to be executed
     */
    static Optional<String> flaw(Path folder, long bytes, boolean programs) {
        Path trial = folder.resolve(".seqpe-" + UUID.randomUUID());
        try {
            if (!Files.isDirectory(folder)) {
                return Optional.of(Files.exists(folder) ? "is no folder" : "is not there");
            }
            try {
                // Does not use Files.createTempFile, which would fix java.io.tmpdir permanently.
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
