package org.seqpe.data.shard;

import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/**
 * A file of a dataset as it was written.
 *
 * @param bytes its length
 * @param sha256 lower-case hexadecimal digits
 */
public record StoredFile(long bytes, String sha256) {

    /**
     * Compares the length of a file with the one that was written.
     *
     * @throws UserException if the file is not there, or is shorter or longer
     */
    public void requireLength(String path) {
        if (!HadoopFiles.exists(path)) {
            throw new UserException("Cannot read " + path
                    + ": the manifest names this file, but it does not exist. Restore it or prepare the data again.");
        }
        requireEqual(path, "bytes", bytes, HadoopFiles.length(path));
    }

    /**
     * Compares a file with what was written, byte for byte by its hash.
     *
     * @throws UserException if it differs
     */
    public void verify(String path) {
        String found = HadoopFiles.sha256(path);
        if (!found.equals(sha256)) {
            throw new UserException("Cannot use " + path + ": expected sha256 " + sha256 + ", found " + found
                    + ". The file is damaged: restore it or prepare the data again.");
        }
    }

    /**
     * Compares a number that a file holds with the one that the manifest promises.
     *
     * @param what what is counted
     * @throws UserException if they differ
     */
    public static void requireEqual(String path, String what, long expected, long found) {
        if (expected != found) {
            throw new UserException("Cannot read " + path + ": expected " + expected + " " + what + ", found " + found
                    + ". The file is damaged or belongs to other data: restore it or prepare the data again.");
        }
    }
}
