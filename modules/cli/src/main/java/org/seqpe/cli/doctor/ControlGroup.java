package org.seqpe.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The limits that the system sets to this process and to everything in its container (Linux control groups). */
final class ControlGroup {
    /** Version 1 writes a number near 2^63 if there is no limit. */
    private static final long NO_LIMIT = 1L << 60;

    private final Path root;
    private final List<String> memberships;

    private ControlGroup(Path root, List<String> memberships) {
        this.root = root;
        this.memberships = memberships;
    }

    /**
     * The groups of this process.
     *
     * @throws IOException if this system has no such files
     */
    static ControlGroup ofThisProcess() throws IOException {
        return of(Path.of("/sys/fs/cgroup"), Path.of("/proc/self/cgroup"));
    }

    /**
     * @param root where the groups' files are
     * @param memberships the file that says which groups a process is in
     */
    static ControlGroup of(Path root, Path memberships) throws IOException {
        return new ControlGroup(root, Files.readAllLines(memberships, StandardCharsets.UTF_8));
    }

    /** Bytes of memory; empty if there is no limit. */
    Optional<Long> memory() throws IOException {
        long least = Long.MAX_VALUE;
        for (Path folder : folders("memory")) {
            for (String file : List.of("memory.max", "memory.limit_in_bytes")) {
                String text = text(folder.resolve(file));
                if (text.matches("\\d{1,18}")) {
                    least = Math.min(least, Long.parseLong(text));
                }
            }
        }
        return least < NO_LIMIT ? Optional.of(least) : Optional.empty();
    }

    /** Processors' worth of time; empty if there is no limit. */
    Optional<Double> processors() throws IOException {
        double least = Double.MAX_VALUE;
        for (Path folder : folders("cpu")) {
            String[] both = text(folder.resolve("cpu.max")).split(" ");
            String quota = both.length == 2 ? both[0] : text(folder.resolve("cpu.cfs_quota_us"));
            String period = both.length == 2 ? both[1] : text(folder.resolve("cpu.cfs_period_us"));
            if (quota.matches("\\d{1,18}") && period.matches("[1-9]\\d{0,17}")) {
                least = Math.min(least, (double) Long.parseLong(quota) / Long.parseLong(period));
            }
        }
        return least < Double.MAX_VALUE ? Optional.of(least) : Optional.empty();
    }

    /** The folders of this process's group and of all groups above it, whose limits hold too. */
    private List<Path> folders(String controller) {
        List<Path> folders = new ArrayList<>(List.of(root, root.resolve(controller)));
        for (String line : memberships) {
            // NUMBER:CONTROLLERS:PATH, without controllers in version 2
            String[] parts = line.split(":", 3);
            if (parts.length < 3) {
                continue;
            }
            boolean isUnified = parts[1].isEmpty();
            if (isUnified || List.of(parts[1].split(",")).contains(controller)) {
                Path top = isUnified ? root : root.resolve(controller);
                Path folder = top.resolve(parts[2].replaceFirst("^/+", "")).normalize();
                // In a container the path may be that of the machine, which is not there.
                while (folder.startsWith(top) && !folder.equals(top)) {
                    folders.add(folder);
                    folder = folder.getParent();
                }
            }
        }
        return folders;
    }

    private static String text(Path file) throws IOException {
        return Files.isReadable(file) ? Files.readString(file).strip() : "";
    }
}
