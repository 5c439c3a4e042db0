package org.seqpe.data.image.shard;

import java.io.Closeable;
import java.util.Arrays;
import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.shard.OpenFiles;

/**
 * The pictures of one split, with random access across shards. The indexes of all shards are in memory, 12 bytes a
 * picture. Safe for use by several threads.
 */
public final class ImageSplit implements Closeable {
    private final String name;
    private final PictureIndex index;
    private final OpenFiles files;
    /** The number of the first picture of each shard, then that of all pictures. */
    private final int[] starts;

    ImageSplit(String folder, String name, ImageManifest.Split info, int numberOfClasses) {
        List<PictureShardInfo> shards = info.shards();
        if (info.pictures() > Integer.MAX_VALUE) {
            throw new UserException("Cannot open split " + name + " of " + folder + ": expected at most "
                    + Integer.MAX_VALUE + " pictures, found " + info.pictures() + ".");
        }
        this.name = name;
        this.index = new PictureIndex((int) info.pictures());
        this.starts = new int[shards.size() + 1];
        for (int i = 0; i < shards.size(); i++) {
            index.addAll(HadoopFiles.resolve(folder, shards.get(i).name()), shards.get(i), numberOfClasses);
            starts[i + 1] = index.pictures();
        }
        this.files = new OpenFiles(shards.stream()
                .map(shard -> HadoopFiles.resolve(folder, shard.name() + PictureIndex.TAR))
                .toList());
    }

    public String name() {
        return name;
    }

    /** The number of pictures. */
    public long size() {
        return index.pictures();
    }

    /**
     * The bytes of a picture's file, JPEG or PNG.
     *
     * @param picture its number, from 0
     * @throws IndexOutOfBoundsException if there is no such picture
     * @throws IllegalStateException after {@link #close}
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public byte[] picture(long picture) {
        int number = checked(picture);
        int found = Arrays.binarySearch(starts, number);
        int shard = found >= 0 ? found : -found - 2;
        // A shard without pictures begins where the next one does.
        while (starts[shard + 1] == number) {
            shard++;
        }
        byte[] bytes = new byte[index.length(number)];
        files.read(shard, index.offset(number), bytes);
        return bytes;
    }

    /**
     * The number of a picture's class.
     *
     * @throws IndexOutOfBoundsException if there is no such picture
     */
    public int label(long picture) {
        return index.label(checked(picture));
    }

    /**
     * A picture's name in its shard, without extension.
     *
     * @throws IndexOutOfBoundsException if there is no such picture
     */
    public String key(long picture) {
        return PictureShardWriter.key(checked(picture));
    }

    /** The open files that no thread reads. */
    int idle() {
        return files.idle();
    }

    private int checked(long picture) {
        if (picture < 0 || picture >= size()) {
            throw new IndexOutOfBoundsException(
                    "Cannot read picture " + picture + " of split " + name + ": it has " + size());
        }
        return (int) picture;
    }

    /** Closes the files. A read that is under way still ends well. */
    @Override
    public void close() {
        files.close();
    }
}
