package org.seqpe.data.image.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.seqpe.core.UserException;

/**
 * The members of tar archives, of POSIX's form and GNU's. Archives may be many gigabytes: listing one reads its headers
 * and skips the rest.
 */
final class TarMembers {

    /**
     * A member of an archive.
     *
     * @param name its name
     * @param offset where its bytes begin in the file that holds the archive
     * @param bytes how many they are; -1 if it is no file, such as a link
     */
    record Member(String name, long offset, long bytes) {
        boolean isFile() {
            return bytes >= 0;
        }
    }

    /** Takes members in order. */
    @FunctionalInterface
    interface Sink {
        /** @param content its bytes, to be read before this returns */
        void accept(Member member, InputStream content) throws IOException;
    }

    private TarMembers() {}

    /** The members of an archive that is a whole file; folders are left out. */
    static List<Member> list(String path, long bytes) throws IOException {
        List<Member> members = new ArrayList<>();
        read(path, 0, bytes, (member, content) -> members.add(member));
        return members;
    }

    /**
     * Passes on the members of an archive; folders are not passed on.
     *
     * @param path the file that holds the archive
     * @param offset where the archive begins in the file
     * @param bytes its length
     * @throws UserException if it is no archive, or ends before its last member does
     */
    static void read(String path, long offset, long bytes, Sink sink) throws IOException {
        try (FileRange range = new FileRange(path, offset, bytes);
                TarArchiveInputStream tar = new TarArchiveInputStream(range, StandardCharsets.UTF_8.name())) {
            for (TarArchiveEntry entry = next(tar, path); entry != null; entry = next(tar, path)) {
                if (entry.isDirectory()) {
                    continue;
                }
                Member member = new Member(entry.getName(), range.position(), isFile(entry) ? entry.getSize() : -1);
                if (member.offset() + member.bytes() > offset + bytes) {
                    throw damaged(path, "it ends inside its member " + member.name(), null);
                }
                sink.accept(member, tar);
            }
        }
    }

    private static boolean isFile(TarArchiveEntry entry) {
        boolean isSpecial = entry.isLink()
                || entry.isSymbolicLink()
                || entry.isCharacterDevice()
                || entry.isBlockDevice()
                || entry.isFIFO();
        // The bytes of a sparse member are not in one place.
        return entry.isFile() && !isSpecial && !entry.isSparse();
    }

    private static TarArchiveEntry next(TarArchiveInputStream tar, String path) {
        try {
            TarArchiveEntry entry = tar.getNextTarEntry();
            if (entry != null && !entry.isCheckSumOK()) {
                throw damaged(path, "the header of its member " + entry.getName() + " is damaged", null);
            }
            return entry;
        } catch (IOException | IllegalArgumentException e) {
            throw damaged(path, e.getMessage(), e);
        }
    }

    private static UserException damaged(String path, String problem, Exception cause) {
        return new UserException(
                "Cannot read the tar archive " + path + ": " + problem
                        + ". It is no tar archive, or not all of it is there: fetch it again.",
                cause);
    }
}
