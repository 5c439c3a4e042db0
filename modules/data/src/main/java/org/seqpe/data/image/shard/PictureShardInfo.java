package org.seqpe.data.image.shard;

import org.seqpe.data.shard.StoredFile;

/**
 * The manifest's entry for a shard: its two files {@code name.tar} and {@code name.idx}.
 *
 * @param name path without extension, relative to the dataset's folder
 * @param pictures pictures in it
 * @param bytes length of all pictures, without what the archive adds
 * @param tar the archive
 * @param idx where each picture lies in it, and its class
 */
public record PictureShardInfo(String name, long pictures, long bytes, StoredFile tar, StoredFile idx) {

    /** The same shard under another name. */
    public PictureShardInfo named(String newName) {
        return new PictureShardInfo(newName, pictures, bytes, tar, idx);
    }
}
