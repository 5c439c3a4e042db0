package org.seqpe.data.image.shard;

import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.ManifestFile;

/** A folder of pictures that {@code seqpe prepare} made: manifest.json and shards, on any Hadoop path. */
public final class ImageDataset {
    private final ManifestFile file;
    private final ImageManifest manifest;

    private ImageDataset(ManifestFile file) {
        this.file = file;
        this.manifest = ImageManifest.of(file);
    }

    /**
     * Reads the manifest; shards are checked when their split is opened.
     *
     * @throws UserException if the folder has no manifest of pictures that this version can read
     */
    public static ImageDataset open(String folder) {
        return new ImageDataset(ManifestFile.read(folder));
    }

    public String folder() {
        return file.folder();
    }

    public ImageManifest manifest() {
        return manifest;
    }

    /** SHA-256 of manifest.json, which contains the SHA-256 of every other file. Equal hashes mean equal data. */
    public String hash() {
        return file.hash();
    }

    /**
     * Refuses data that differs from the data with which a run began.
     *
     * @param expected the hash that the run recorded
     * @throws UserException if it is not this dataset's
     */
    public void requireHash(String expected) {
        file.requireHash(expected);
    }

    /** The classes, in the order of their numbers. */
    public List<ImageManifest.PictureClass> classes() {
        return manifest.classes();
    }

    /**
     * Opens a split: reads its indexes, after checking the lengths of all its files.
     *
     * @throws UserException if there is no such split, or a file is missing, truncated or of another kind
     */
    public ImageSplit split(String name) {
        ImageManifest.Split split = manifest.splits().get(name);
        if (split == null) {
            throw new UserException("Cannot open split '" + name + "' of " + folder() + ": it has "
                    + String.join(", ", manifest.splits().keySet()) + ".");
        }
        return new ImageSplit(folder(), name, split, manifest.classes().size());
    }

    /**
     * Compares every file with the manifest, byte for byte by its hash.
     *
     * @throws UserException naming the first file that differs
     */
    public void verify() {
        manifest.splits().forEach((name, split) -> {
            split(name).close();
            for (PictureShardInfo shard : split.shards()) {
                String path = HadoopFiles.resolve(folder(), shard.name());
                shard.tar().verify(path + PictureIndex.TAR);
                shard.idx().verify(path + PictureIndex.IDX);
            }
        });
    }
}
