package org.seqpe.core.io;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.seqpe.core.Redaction;
import org.seqpe.core.UserException;

/**
 * Files on any Hadoop path: {@code file:}, {@code hdfs:}, {@code s3a:}, or without a scheme on the default file system. Local files
 * are written without Hadoop's .crc companions. A path that cannot be used (missing, unknown scheme, no permission) is a {@link UserException}, any other
 * failure an {@link UncheckedIOException}; both name the path.
 */
public final class HadoopFiles {
    private static final int BUFFER = 1 << 20;
    private static final String TEMPORARY = ".tmp";
    private static volatile Configuration configuration = new Configuration();

    private HadoopFiles() {
    }

    /** Sets the Hadoop configuration of this JVM, such as Spark's with its {@code spark.hadoop.*} keys. Call it before the first file is used. */
    public static void use(Configuration hadoop) {
        configuration = hadoop;
    }

    /** Writes the content of one file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * A child of a folder.
     *
     * @param path     full path
     * @param name     last part of the path
     * @param isFolder whether it is a folder
     * @param length   bytes; 0 for folders
     */
    public record Entry(String path, String name, boolean isFolder, long length) {
    }

    /** The file system that holds a path; local ones without checksum files. */
    public static FileSystem fileSystem(String path) {
        if (Redaction.hasPassword(path)) {
            throw new UserException("Cannot use " + Redaction.text(path) + ": expected no password in a path, because paths are written to run folders and logs; "
                    + "give it to Hadoop, in core-site.xml or as a property of Spark (docs/operations.md).");
        }
        try {
            FileSystem found = hadoopPath(path).getFileSystem(configuration);
            return found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
        } catch (UnsupportedFileSystemException e) {
            throw new UserException("Cannot use " + path + ": " + e.getMessage() + "; use a file:, hdfs: or s3a: path, or put the scheme's Hadoop client on the class path.", e);
        } catch (IOException e) {
            throw failure("reach the file system of", path, e);
        }
    }

    /** The path with scheme and absolute folder, as messages and manifests of other machines need it. */
    public static String qualified(String path) {
        return fileSystem(path).makeQualified(hadoopPath(path)).toString();
    }

    /** {@code child} inside {@code folder}; a child that is absolute or has a scheme stays as it is. */
    public static String resolve(String folder, String child) {
        return new Path(hadoopPath(folder), hadoopPath(child)).toString();
    }

    /** The folder that holds a path, or the working folder for a bare name. */
    public static String parent(String path) {
        Path parent = hadoopPath(path).getParent();
        return parent == null || parent.toString().isEmpty() ? "." : parent.toString();
    }

    /** @throws UserException where a folder above may not be looked into, so that nobody can tell */
    public static boolean exists(String path) {
        try {
            FileSystem system = fileSystem(path);
            if (system.exists(hadoopPath(path))) {
                return true;
            }
            if (system instanceof RawLocalFileSystem local) {
                requireAbsent(local.pathToFile(hadoopPath(path)).toPath());
            }
            return false;
        } catch (IOException e) {
            throw failure("look at", path, e);
        }
    }

    /** Hadoop says of a local file that may not be looked at that it isn't there. */
    private static void requireAbsent(java.nio.file.Path path) throws IOException {
        try {
            Files.readAttributes(path, BasicFileAttributes.class);
        } catch (java.nio.file.AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            // It is not there, or is a link to nowhere.
            return;
        }
    }

    public static boolean isFolder(String path) {
        try {
            return fileSystem(path).getFileStatus(hadoopPath(path)).isDirectory();
        } catch (FileNotFoundException e) {
            return false;
        } catch (IOException e) {
            throw failure("look at", path, e);
        }
    }

    /** Bytes of a file. */
    public static long length(String path) {
        try {
            return fileSystem(path).getFileStatus(hadoopPath(path)).getLen();
        } catch (IOException e) {
            throw failure("look at", path, e);
        }
    }

    /** A stream that can seek. */
    public static FSDataInputStream open(String path) {
        if (isFolder(path)) {
            throw new UserException("Cannot read " + path + ": expected a file, found a folder.");
        }
        try {
            return fileSystem(path).open(hadoopPath(path));
        } catch (IOException e) {
            throw failure("read", path, e);
        }
    }

    /** A new file, replacing what was there at once. For files that others may be reading use {@link #writeAtomically}. */
    public static FSDataOutputStream create(String path) {
        try {
            return new DistinctFailures(fileSystem(path).create(hadoopPath(path), true));
        } catch (IOException e) {
            throw failure("write", path, e);
        }
    }

    /** Appends to a file, making it where there is none, and returns once the bytes are on disk or acknowledged by the storage. */
    public static void append(String path, byte[] bytes) {
        if (!exists(path)) {
            writeAtomically(path, out -> out.write(bytes));
            return;
        }
        try (FSDataOutputStream file = new DistinctFailures(fileSystem(path).append(hadoopPath(path)))) {
            file.write(bytes);
            if (file.hasCapability("hsync")) {
                file.hsync();
            }
        } catch (UnsupportedOperationException e) {
            // Object stores cannot append: the file is written anew.
            byte[] before = readBytes(path);
            writeAtomically(path, out -> {
                out.write(before);
                out.write(bytes);
            });
        } catch (IOException e) {
            throw failure("append to", path, e);
        }
    }

    /** Makes a file only if there is none of that name, in one step; false where there is one. Its folder must exist. */
    public static boolean createNew(String path, byte[] bytes) {
        FileSystem system = fileSystem(path);
        try (OutputStream out = system instanceof RawLocalFileSystem local
                ? Files.newOutputStream(local.pathToFile(hadoopPath(path)).toPath(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
                : system.create(hadoopPath(path), false)) {
            out.write(bytes);
            return true;
        } catch (java.nio.file.FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw failure("create", path, e);
        }
    }

    public static String readString(String path) {
        return new String(readBytes(path), StandardCharsets.UTF_8);
    }

    public static byte[] readBytes(String path) {
        try (InputStream in = open(path)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw failure("read", path, e);
        }
    }

    public static void writeAtomically(String path, String content) {
        writeAtomically(path, out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Writes a file so that readers and a restart after a crash find either the old content or all of the new: into a temporary
     * file beside it, forced to disk, then renamed over it.
     */
    public static void writeAtomically(String path, Content content) {
        String temporary = path + TEMPORARY;
        try {
            writeDurably(temporary, content);
            rename(temporary, path);
        } catch (RuntimeException e) {
            deleteQuietly(temporary, e);
            throw e;
        }
    }

    /** Writes a file in place and returns once it is on disk (local) or acknowledged by the storage. */
    public static void writeDurably(String path, Content content) {
        try (FSDataOutputStream file = create(path)) {
            OutputStream buffered = new BufferedOutputStream(file, BUFFER);
            content.writeTo(buffered);
            buffered.flush();
            if (file.hasCapability("hsync")) {
                file.hsync();
            }
        } catch (IOException e) {
            throw failure("write", path, e);
        }
    }

    /** Renames a file, replacing the target in one step where the storage can. */
    public static void rename(String from, String to) {
        try {
            if (fileSystem(to) instanceof RawLocalFileSystem local) {
                java.nio.file.Path target = local.pathToFile(hadoopPath(to)).toPath();
                Files.move(local.pathToFile(hadoopPath(from)).toPath(), target, StandardCopyOption.ATOMIC_MOVE);
                forceFolder(target.toAbsolutePath().getParent());
            } else {
                Path target = fileSystem(to).makeQualified(hadoopPath(to));
                FileContext.getFileContext(target.toUri(), configuration)
                        .rename(fileSystem(from).makeQualified(hadoopPath(from)), target, Options.Rename.OVERWRITE);
            }
        } catch (IOException e) {
            throw failure("rename " + from + " to", to, e);
        }
    }

    /**
     * Renames a folder to a name that is not taken, once the names of the files in it are on disk.
     *
     * @throws IllegalStateException where the target exists
     */
    public static void renameFolder(String from, String to) {
        if (exists(to)) {
            throw new IllegalStateException("Cannot rename " + from + " to " + to + ": the target exists already.");
        }
        try {
            if (fileSystem(from) instanceof RawLocalFileSystem local) {
                forceFolder(local.pathToFile(hadoopPath(from)).toPath());
            }
        } catch (IOException e) {
            throw failure("rename", from, e);
        }
        rename(from, to);
    }

    /** A directory entry is durable on local disks only once its folder was forced too. */
    private static void forceFolder(java.nio.file.Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    public static void createFolders(String path) {
        try {
            if (!fileSystem(path).mkdirs(hadoopPath(path))) {
                throw new UserException("Cannot create the folder " + path + ": the file system refused.");
            }
        } catch (org.apache.hadoop.fs.FileAlreadyExistsException | ParentNotDirectoryException e) {
            throw new UserException("Cannot create the folder " + path + ": this path, or one above it, is a file; choose another.", e);
        } catch (IOException e) {
            throw failure("create the folder", path, e);
        }
    }

    /** The children of a folder, sorted by name; empty where there is no such folder. */
    public static List<Entry> list(String folder) {
        if (!exists(folder)) {
            return List.of();
        }
        try {
            FileStatus[] children = fileSystem(folder).listStatus(hadoopPath(folder));
            return Arrays.stream(children)
                    .map(child -> new Entry(resolve(folder, child.getPath().getName()), child.getPath().getName(), child.isDirectory(), child.getLen()))
                    .sorted(Comparator.comparing(Entry::name))
                    .toList();
        } catch (IOException e) {
            throw failure("list", folder, e);
        }
    }

    /** Deletes a file, or a folder with all it holds; nothing happens where there is none. */
    public static void delete(String path) {
        try {
            fileSystem(path).delete(hadoopPath(path), true);
        } catch (IOException e) {
            throw failure("delete", path, e);
        }
    }

    /** Deletes after a failure, which gets what goes wrong with that as a suppressed exception. */
    public static void deleteQuietly(String path, Exception cause) {
        try {
            delete(path);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** SHA-256 of a file's bytes, in lower-case hexadecimal digits. */
    public static String sha256(String path) {
        try (InputStream in = open(path)) {
            MessageDigest digest = newSha256();
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw failure("read", path, e);
        }
    }

    /** A SHA-256 digest, which every Java platform has. */
    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path hadoopPath(String path) {
        try {
            return new Path(path);
        } catch (IllegalArgumentException e) {
            throw new UserException("Cannot use the path '" + path + "': " + e.getMessage(), e);
        }
    }

    private static RuntimeException failure(String verb, String path, IOException e) {
        String start = "Cannot " + verb + " " + path + ": ";
        if (e instanceof FileNotFoundException || e instanceof java.nio.file.NoSuchFileException) {
            return new UserException(start + (e.getMessage() != null && e.getMessage().contains("denied") ? "permission denied" : "no such file or folder") + ".", e);
        }
        if (e instanceof java.nio.file.AccessDeniedException || e instanceof org.apache.hadoop.security.AccessControlException) {
            return new UserException(start + "permission denied.", e);
        }
        return new UncheckedIOException(start + e.getMessage(), e);
    }
}
