package org.seqpe.data.image.shard;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.seqpe.data.shard.HashedFile;

/**
 * Writes one shard, picture by picture: a tar file of WebDataset's layout, in which each picture {@code KEY.jpg} or
 * {@code KEY.png} is followed by {@code KEY.cls} with the number of its class as text. The bytes are a function of the
 * pictures alone: every member has time 0, owner 0 and mode 644. Not safe for use by several threads.
 */
public final class PictureShardWriter implements Closeable {
    private final String path;
    private final HashedFile file;
    private final TarArchiveOutputStream tar;
    private final PictureIndex index = new PictureIndex(0);
    private long nextKey;
    private long bytes;
    /** Where the next member's header begins in the file. */
    private long position;

    /**
     * @param path path of the shard without extension
     * @param firstKey number of the first picture in its split
     */
    public PictureShardWriter(String path, long firstKey) {
        this.path = path;
        this.nextKey = firstKey;
        this.file = new HashedFile(path + PictureIndex.TAR);
        this.tar = new TarArchiveOutputStream(file, PictureIndex.BLOCK, StandardCharsets.UTF_8.name());
    }

    /** The name of a picture in its shard, without extension: its number in the split. */
    static String key(long number) {
        return String.format(Locale.ROOT, "%09d", number);
    }

    /**
     * Appends a picture.
     *
     * @param label number of its class
     * @param picture the bytes of a JPEG or PNG file
     */
    public void add(int label, byte[] picture) {
        String key = key(nextKey++);
        PictureFormat format = PictureFormat.of(picture)
                .orElseThrow(() -> new IllegalArgumentException("Expected a JPEG or PNG file for " + key));
        index.add(position + PictureIndex.BLOCK, picture.length, label);
        member(key + "." + format.extension(), picture);
        member(key + ".cls", Integer.toString(label).getBytes(StandardCharsets.US_ASCII));
        bytes += picture.length;
    }

    private void member(String name, byte[] content) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        entry.setModTime(0L);
        entry.setIds(0, 0);
        entry.setNames("", "");
        try {
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + path + PictureIndex.TAR + ": " + e.getMessage(), e);
        }
        int blocks = (content.length + PictureIndex.BLOCK - 1) / PictureIndex.BLOCK;
        position += (1L + blocks) * PictureIndex.BLOCK;
    }

    /**
     * Ends the archive and writes the index.
     *
     * @param name name of the shard in the manifest
     */
    public PictureShardInfo finish(String name) {
        try {
            tar.finish();
            tar.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + path + PictureIndex.TAR + ": " + e.getMessage(), e);
        }
        return new PictureShardInfo(name, index.pictures(), bytes, file.finish(), index.write(path + PictureIndex.IDX));
    }

    /** Closes the archive. After {@link #finish} it does nothing. */
    @Override
    public void close() {
        file.close();
    }
}
