package org.seqpe.data.prepare;

/**
 * A file of some megabytes that one stage leaves for the next: records, one after the other ({@link Spool}).
 *
 * @param path the file
 * @param records how many
 * @param bytes their total length, without the heading and the length of each
 */
public record SpoolFile(String path, long records, long bytes) {}
