package org.seqpe.data.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/**
 * Walks through the inputs to any depth and finds each file once: hidden files and additional names of a file are left
 * out and recorded. What cannot be read (links to nowhere, pipes, sockets, devices, files and folders without
 * permission) is refused before anything is opened, because opening a pipe would block forever.
 */
public final class InputWalk {
    /** The maximum number of names in a message. */
    private static final int NAMED = 5;

    private final List<InputFile> files = new ArrayList<>();
    private final List<LeftOut> leftOut = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final Set<Object> seenFiles = new HashSet<>();
    private final Set<Object> seenFolders = new HashSet<>();

    /** @throws UserException if an input is missing, or something in it cannot be read */
    public InputWalk(List<String> inputs) {
        for (String input : inputs) {
            Path local = local(input);
            if (local == null ? !HadoopFiles.exists(input) : !Files.exists(local, LinkOption.NOFOLLOW_LINKS)) {
                throw new UserException("Cannot read " + input + ": no such file or folder."
                        + (input.contains(",")
                                ? " A comma is part of a name: repeat --input for several files or folders."
                                : ""));
            }
            if (local != null) {
                walk(local, input, HadoopFiles.name(input), "", false);
            } else if (HadoopFiles.isFolder(input)) {
                folder(input, "", false);
            } else {
                file(HadoopFiles.qualified(input), input, HadoopFiles.name(input), HadoopFiles.length(input), false);
            }
        }
        if (!refused.isEmpty()) {
            throw new UserException("Cannot prepare " + String.join(", ", inputs)
                    + ": expected files and folders that can be read, found "
                    + String.join("; ", refused.subList(0, Math.min(NAMED, refused.size())))
                    + (refused.size() > NAMED ? "; and " + (refused.size() - NAMED) + " more" : "")
                    + ". Mend them, move them out of the input, or give them a hidden name (first character \".\").");
        }
    }

    /** Each file once, in the order of the inputs and of names. */
    public List<InputFile> files() {
        return files;
    }

    /** The files that are left out. */
    public List<LeftOut> leftOut() {
        return leftOut;
    }

    private static Path local(String path) {
        return HadoopFiles.isLocal(path) ? HadoopFiles.localPath(path) : null;
    }

    /** Walks a folder on a storage without links. */
    private void folder(String folder, String prefix, boolean hidden) {
        for (HadoopFiles.Entry entry : HadoopFiles.list(folder)) {
            boolean below = hidden || isHidden(entry.name());
            if (entry.isFolder()) {
                folder(entry.path(), prefix + entry.name() + "/", below);
            } else {
                file(HadoopFiles.qualified(entry.path()), entry.path(), prefix + entry.name(), entry.length(), below);
            }
        }
    }

    private void file(Object identity, String path, String name, long bytes, boolean hidden) {
        if (hidden) {
            leftOut.add(new LeftOut(name, bytes, LeftOut.HIDDEN));
        } else if (seenFiles.add(identity)) {
            files.add(new InputFile(path, name, bytes, "", List.of()));
        } else {
            leftOut.add(new LeftOut(name, bytes, LeftOut.AGAIN));
        }
    }

    /**
     * @param place where it is
     * @param path the same as a Hadoop path
     * @param name its name, if it is a file
     * @param prefix prefix for the names of files in a folder
     */
    private void walk(Path place, String path, String name, String prefix, boolean hidden) {
        BasicFileAttributes found;
        try {
            found = Files.readAttributes(place, BasicFileAttributes.class);
        } catch (IOException e) {
            if (hidden) {
                leftOut.add(new LeftOut(name, 0, LeftOut.HIDDEN));
            } else {
                refused.add(path
                        + (Files.isSymbolicLink(place)
                                ? ", a link to nowhere"
                                : ", which cannot be looked at: permission denied"));
            }
            return;
        }
        boolean link = Files.isSymbolicLink(place);
        Object identity = found.fileKey() == null ? place.toAbsolutePath().normalize() : found.fileKey();
        if (hidden && (link || !found.isDirectory())) {
            leftOut.add(new LeftOut(name, found.isRegularFile() ? found.size() : 0, LeftOut.HIDDEN));
        } else if (found.isDirectory()) {
            if (hidden || seenFolders.add(identity)) {
                children(place, path, prefix, hidden);
            } else {
                // The files in it were found already. A link counts as one name; a folder that is named twice counts
                // every file once more.
                again(place, prefix, name, link);
            }
        } else if (!found.isRegularFile()) {
            refused.add(path + ", a pipe, socket or device");
        } else if (!Files.isReadable(place)) {
            refused.add(path + ", a file without permission to read it");
        } else {
            file(identity, path, name, found.size(), false);
        }
    }

    private void children(Path folder, String path, String prefix, boolean hidden) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(children::add);
        } catch (IOException | DirectoryIteratorException e) {
            if (hidden) {
                leftOut.add(new LeftOut(prefix, 0, LeftOut.HIDDEN));
            } else {
                refused.add(path + ", a folder without permission to list it");
            }
            return;
        }
        children.sort(Comparator.comparing(child -> child.getFileName().toString()));
        for (Path child : children) {
            String name = child.getFileName().toString();
            if (!HadoopFiles.isNameable(child)) {
                refused.add(
                        path + "/" + name + ", a name that the character set " + System.getProperty("sun.jnu.encoding")
                                + " cannot write (set LC_ALL=C.UTF-8, or rename the file)");
                continue;
            }
            boolean below = hidden || isHidden(name);
            // Files that are left out need no Hadoop path, which some names cannot have.
            walk(
                    child,
                    below ? child.toString() : HadoopFiles.resolve(path, name),
                    prefix + name,
                    prefix + name + "/",
                    below);
        }
    }

    private void again(Path folder, String prefix, String name, boolean link) {
        if (link) {
            leftOut.add(new LeftOut(name, 0, LeftOut.AGAIN));
            return;
        }
        try (var all = Files.walk(folder)) {
            all.filter(Files::isRegularFile)
                    .sorted()
                    .forEach(file -> leftOut.add(new LeftOut(
                            prefix + folder.relativize(file), file.toFile().length(), LeftOut.AGAIN)));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    private static boolean isHidden(String name) {
        return name.startsWith(".") || name.startsWith("_");
    }
}
