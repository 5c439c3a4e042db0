package org.seqpe.core.io;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * Files on any Hadoop path: {@code file:}, {@code hdfs:}, {@code s3a:}, or without a scheme on the default file system.
 * A path is taken literally: it begins with a scheme only if a colon and a slash follow a scheme's name. A percent
 * sign, a star or a colon elsewhere is part of a name. Local files are written without Hadoop's .crc companions. A path
 * that cannot be used (missing, unknown scheme, no permission) is a {@link UserException}, any other failure an
 * {@link UncheckedIOException}; both name the path.
 */
public final class HadoopFiles {
    private static final int BUFFER = 1 << 20;
    /** A scheme, followed by an authority, an absolute path, or both. */
    private static final Pattern WITH_SCHEME =
            Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):(?=/)(?://([^/]*))?(/.*|)", Pattern.DOTALL);

    private static final Set<String> COLON_FREE = Set.of("hdfs", "webhdfs", "swebhdfs");
    private static final int SCHEME = 1;
    private static final int AUTHORITY = 2;
    private static final int ABSOLUTE = 3;
    private static final String TEMPORARY = ".tmp";
    private static volatile Configuration configuration = new Configuration();

    private HadoopFiles() {}

    /**
     * Sets the Hadoop configuration of this JVM, such as Spark's with its {@code spark.hadoop.*} keys. Call it before
     * the first file is used.
     */
    public static void use(Configuration hadoop) {
        configuration = hadoop;
    }

    /** Writes the content of one file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** The kind of a folder's child. */
    public enum Kind {
        FILE,
        FOLDER,
        /** A symbolic link whose target is missing or leads back to itself. */
        LINK_TO_NOWHERE,
        /** A FIFO, a socket or a device. */
        OTHER,
        /** Its name cannot be represented as text in this JVM, so it cannot be opened. */
        UNNAMEABLE
    }

    /**
     * A child of a folder.
     *
     * @param path full path
     * @param name last part of the path
     * @param kind what it is, or, for a link, what it leads to
     * @param length length in bytes; 0 unless it is a file
     */
    public record Entry(String path, String name, Kind kind, long length) {
        public boolean isFolder() {
            return kind == Kind.FOLDER;
        }
    }

    /** The file system that holds a path; local ones without checksum files. */
    public static FileSystem fileSystem(String path) {
        if (Redaction.hasPassword(path)) {
            throw new UserException("Cannot use " + Redaction.text(path)
                    + ": expected no password in a path, because paths are written to run folders and logs; "
                    + "give it to Hadoop, in core-site.xml or as a property of Spark (docs/operations.md).");
        }
        try {
            FileSystem found = hadoopPath(path).getFileSystem(configuration);
            requireNoColon(path, found);
            return found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
        } catch (UnsupportedFileSystemException e) {
            throw new UserException(
                    "Cannot use " + path + ": " + e.getMessage()
                            + "; use a file:, hdfs: or s3a: path, put the scheme's Hadoop client on the class path, or write ./ before a local name with a colon.",
                    e);
        } catch (IOException e) {
            throw failure("reach the file system of", path, e);
        }
    }

    /** Only HDFS refuses the colon, which other file systems allow. */
    private static void requireNoColon(String path, FileSystem system) {
        if (COLON_FREE.contains(system.getScheme())
                && hadoopPath(path).toUri().getPath().indexOf(':') >= 0) {
            throw new UserException(
                    "Cannot use " + path
                            + ": HDFS allows no colon (:) in names of files and folders; choose another name, or rename the file before it is copied there.");
        }
    }

    /** The absolute path with its scheme, for messages and for files that other machines read. */
    public static String qualified(String path) {
        return fileSystem(path).makeQualified(hadoopPath(path)).toString();
    }

    /** {@code child} inside {@code folder}; a child that is absolute or has a scheme stays as it is. */
    public static String resolve(String folder, String child) {
        if (child.startsWith("/") || WITH_SCHEME.matcher(child).matches()) {
            return child;
        }
        return folder.endsWith("/") ? folder + child : folder + "/" + child;
    }

    /** The folder that holds a path. For a bare name and for a root it is the working folder. */
    public static String parent(String path) {
        Matcher parts = WITH_SCHEME.matcher(path);
        String root = parts.matches() ? path.substring(0, parts.start(ABSOLUTE)) : "";
        String rest = withoutTrailingSlashes(path.substring(root.length()));
        int slash = rest.lastIndexOf('/');
        if (slash < 0 || rest.equals("/")) {
            return ".";
        }
        return root + (slash == 0 ? "/" : withoutTrailingSlashes(rest.substring(0, slash)));
    }

    private static String withoutTrailingSlashes(String path) {
        String text = path;
        while (text.length() > 1 && text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        return text;
    }

    /** The last part of a path. */
    public static String name(String path) {
        String whole = withoutTrailingSlashes(path);
        return whole.substring(whole.lastIndexOf('/') + 1);
    }

    /**
     * A key that is equal for all names of one file or folder, including symbolic and hard links. It is the device and
     * inode number if the system provides them, and the full path otherwise.
     *
     * @throws UserException if there is none of that name
     */
    public static Object identity(String path) {
        try {
            if (fileSystem(path) instanceof RawLocalFileSystem) {
                java.nio.file.Path local = localPath(path);
                Object key =
                        Files.readAttributes(local, BasicFileAttributes.class).fileKey();
                return key == null ? local.toRealPath() : key;
            }
            return qualified(path);
        } catch (IOException e) {
            throw failure("look at", path, e);
        }
    }

    /** Whether a path is on this machine's own file systems. */
    public static boolean isLocal(String path) {
        return fileSystem(path) instanceof RawLocalFileSystem;
    }

    /**
     * Where a local file is.
     *
     * @throws IllegalArgumentException if the path isn't local
     */
    public static java.nio.file.Path localPath(String path) {
        if (!(fileSystem(path) instanceof RawLocalFileSystem local)) {
            throw new IllegalArgumentException("Expected a local path, found " + path);
        }
        try {
            return local.pathToFile(hadoopPath(path)).toPath();
        } catch (InvalidPathException e) {
            throw new UserException(
                    "Cannot use the path '" + path + "': this program runs with the character set "
                            + System.getProperty("sun.jnu.encoding")
                            + ", in which the name cannot be written; start it with LC_ALL=C.UTF-8.",
                    e);
        }
    }

    /** @throws UserException if a folder above it may not be read, so that the answer is unknown */
    public static boolean exists(String path) {
        try {
            FileSystem system = fileSystem(path);
            if (system.exists(hadoopPath(path))) {
                return true;
            }
            if (system instanceof RawLocalFileSystem) {
                requireAbsent(localPath(path));
            }
            return false;
        } catch (IOException e) {
            throw failure("look at", path, e);
        }
    }

    /** Throws an AccessDeniedException if access to a local file is denied. Hadoop reports such a file as missing. */
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

    /** Whether a local path is below a folder that may not be read. */
    private static boolean isHidden(String path) {
        if (!(fileSystem(path) instanceof RawLocalFileSystem local)) {
            return false;
        }
        try {
            requireAbsent(local.pathToFile(hadoopPath(path)).toPath());
            return false;
        } catch (IOException denied) {
            return true;
        }
    }

    public static boolean isFolder(String path) {
        try {
            return fileSystem(path).getFileStatus(hadoopPath(path)).isDirectory();
        } catch (FileNotFoundException e) {
            if (isHidden(path)) {
                throw failure("look at", path, e);
            }
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

    /**
     * Creates a file and immediately replaces what was there. For files that others may be reading, use
     * {@link #writeAtomically}.
     */
    public static FSDataOutputStream create(String path) {
        try {
            return new DistinctFailures(fileSystem(path).create(hadoopPath(path), true));
        } catch (IOException e) {
            throw failure("write", path, e);
        }
    }

    /**
     * Appends to a file, creates it if it does not exist, and returns once the bytes are on disk or acknowledged by the
     * storage.
     */
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
            // Object stores cannot append, so the whole file is written again.
            byte[] before = readBytes(path);
            writeAtomically(path, out -> {
                out.write(before);
                out.write(bytes);
            });
        } catch (IOException e) {
            throw failure("append to", path, e);
        }
    }

    /**
     * Creates a file atomically, only if none of that name exists. Returns false if one exists. Its folder must exist.
     */
    public static boolean createNew(String path, byte[] bytes) {
        FileSystem system = fileSystem(path);
        try (OutputStream out = system instanceof RawLocalFileSystem
                ? Files.newOutputStream(localPath(path), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
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
     * Writes a file so that readers and a restart after a crash find either the old content or all of the new. It
     * writes a temporary file beside it, forces that to disk, and renames it over the old one.
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

    /** Renames a file. It replaces the target atomically if the storage can. */
    public static void rename(String from, String to) {
        try {
            if (fileSystem(to) instanceof RawLocalFileSystem) {
                java.nio.file.Path target = localPath(to);
                Files.move(localPath(from), target, StandardCopyOption.ATOMIC_MOVE);
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
     * Renames a folder to an unused name, after the names of the files in it are on disk.
     *
     * @throws IllegalStateException if the target exists
     */
    public static void renameFolder(String from, String to) {
        if (exists(to)) {
            throw new IllegalStateException("Cannot rename " + from + " to " + to + ": the target exists already.");
        }
        try {
            if (fileSystem(from) instanceof RawLocalFileSystem) {
                forceFolder(localPath(from));
            }
        } catch (IOException e) {
            throw failure("rename", from, e);
        }
        rename(from, to);
    }

    /** Forces a folder to disk: on local disks a directory entry is durable only after that. */
    private static void forceFolder(java.nio.file.Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    public static void createFolders(String path) {
        try {
            if (!fileSystem(path).mkdirs(hadoopPath(path))) {
                if (isLocal(path)) {
                    // Java gives the reason for a failure, which Hadoop does not. It also succeeds if another process
                    // has just removed what stood in the way.
                    Files.createDirectories(localPath(path));
                    return;
                }
                throw new UserException("Cannot create the folder " + path + ": the file system refused.");
            }
        } catch (org.apache.hadoop.fs.FileAlreadyExistsException | ParentNotDirectoryException e) {
            throw new UserException(
                    "Cannot create the folder " + path + ": this path, or one above it, is a file; choose another.", e);
        } catch (java.nio.file.FileSystemException e) {
            String reason = e instanceof java.nio.file.AccessDeniedException
                    ? "permission denied"
                    : e.getReason() == null ? "the file system refused" : e.getReason();
            throw new UserException("Cannot create the folder " + path + ": " + reason + "; choose another.", e);
        } catch (IOException e) {
            throw failure("create the folder", path, e);
        }
    }

    /**
     * The children of a folder, sorted by name; empty if there is no such folder. Nothing is left out: {@link Kind}
     * marks what cannot be read.
     */
    public static List<Entry> list(String folder) {
        if (!exists(folder)) {
            return List.of();
        }
        try {
            List<Entry> children = new ArrayList<>();
            if (fileSystem(folder) instanceof RawLocalFileSystem) {
                // Hadoop's own listing leaves out what it cannot open.
                try (DirectoryStream<java.nio.file.Path> found = Files.newDirectoryStream(localPath(folder))) {
                    for (java.nio.file.Path child : found) {
                        children.add(entry(folder, child));
                    }
                } catch (DirectoryIteratorException e) {
                    throw e.getCause();
                }
            } else {
                for (FileStatus child : fileSystem(folder).listStatus(hadoopPath(folder))) {
                    String name = child.getPath().getName();
                    children.add(new Entry(
                            resolve(folder, name),
                            name,
                            child.isDirectory() ? Kind.FOLDER : Kind.FILE,
                            child.getLen()));
                }
            }
            children.sort(Comparator.comparing(Entry::name));
            return children;
        } catch (NotDirectoryException e) {
            throw new UserException("Cannot list " + folder + ": expected a folder, found a file.", e);
        } catch (IOException e) {
            throw failure("list", folder, e);
        }
    }

    private static Entry entry(String folder, java.nio.file.Path child) throws IOException {
        String name = child.getFileName().toString();
        String path = resolve(folder, name);
        Kind kind = kind(child);
        return new Entry(path, name, kind, kind == Kind.FILE ? Files.size(child) : 0);
    }

    /** The kind of a local file; links are followed. */
    private static Kind kind(java.nio.file.Path local) throws IOException {
        if (!isNameable(local)) {
            return Kind.UNNAMEABLE;
        }
        try {
            BasicFileAttributes attributes = Files.readAttributes(local, BasicFileAttributes.class);
            return attributes.isRegularFile() ? Kind.FILE : attributes.isDirectory() ? Kind.FOLDER : Kind.OTHER;
        } catch (java.nio.file.AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            if (Files.isSymbolicLink(local)) {
                return Kind.LINK_TO_NOWHERE;
            }
            throw e;
        }
    }

    /**
     * Whether the name can be converted to text and back. It cannot if the JVM's character set lacks its characters, or
     * if its bytes are not valid text.
     */
    public static boolean isNameable(java.nio.file.Path path) {
        try {
            return java.nio.file.Path.of(path.toString()).equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * The kind of file to which a path leads.
     *
     * @throws UserException if there is none of that name
     */
    public static Kind kind(String path) {
        try {
            if (fileSystem(path) instanceof RawLocalFileSystem) {
                return kind(localPath(path));
            }
            return fileSystem(path).getFileStatus(hadoopPath(path)).isDirectory() ? Kind.FOLDER : Kind.FILE;
        } catch (IOException e) {
            throw failure("look at", path, e);
        }
    }

    /** Deletes a file, or a folder with everything in it. Does nothing if there is none. */
    public static void delete(String path) {
        try {
            fileSystem(path).delete(hadoopPath(path), true);
        } catch (IOException e) {
            throw failure("delete", path, e);
        }
    }

    /** Deletes after a failure. An exception of the deletion is added to {@code cause} as suppressed. */
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

    /**
     * Converts to Hadoop's path type with every character unchanged. {@link Path#Path(String)} would read what precedes
     * a colon as a scheme.
     *
     * @throws UserException if the path is empty
     */
    public static Path hadoopPath(String path) {
        Matcher parts = WITH_SCHEME.matcher(path);
        try {
            if (parts.matches()) {
                String authority = parts.group(AUTHORITY);
                return new Path(
                        parts.group(SCHEME),
                        authority == null || authority.isEmpty() ? null : authority,
                        parts.group(ABSOLUTE).isEmpty() ? "/" : parts.group(ABSOLUTE));
            }
            return new Path(null, null, path);
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    "Cannot use the path '" + path + "': "
                            + (path.isEmpty() ? "expected a path, found nothing" : e.getMessage()) + ".",
                    e);
        }
    }

    private static RuntimeException failure(String verb, String path, IOException e) {
        String start = "Cannot " + verb + " " + path + ": ";
        if (e instanceof FileNotFoundException || e instanceof java.nio.file.NoSuchFileException) {
            return new UserException(
                    start
                            + (e.getMessage() != null && e.getMessage().contains("denied") || isHidden(path)
                                    ? "permission denied"
                                    : "no such file or folder")
                            + ".",
                    e);
        }
        if (e instanceof java.nio.file.AccessDeniedException
                || e instanceof org.apache.hadoop.security.AccessControlException) {
            return new UserException(start + "permission denied.", e);
        }
        return new UncheckedIOException(start + e.getMessage(), e);
    }
}
