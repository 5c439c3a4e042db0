package org.seqpe.data.text.window;

import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.ManifestFile;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.tokenizer.Tokenizer;

/** A folder that {@code seqpe prepare} made: manifest.json and shards, on any Hadoop path. */
public final class TokenDataset {
    private final ManifestFile file;
    private final DatasetManifest manifest;

    private TokenDataset(ManifestFile file) {
        this.file = file;
        this.manifest = DatasetManifest.of(file);
    }

    /**
     * Reads the manifest; shards are checked when their split is opened.
     *
     * @throws UserException if the folder has no manifest of tokens that this version can read
     */
    public static TokenDataset open(String folder) {
        return new TokenDataset(ManifestFile.read(folder));
    }

    public String folder() {
        return file.folder();
    }

    public DatasetManifest manifest() {
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

    /**
     * The tokenizer that made the tokens.
     *
     * @throws UserException if this version's tokenizer of that name gives other ids
     */
    public Tokenizer tokenizer() {
        return manifest.tokenizer().open(folder());
    }

    /**
     * Opens a split, after checking the lengths and headers of its files.
     *
     * @throws UserException if there is no such split, or a file is missing, truncated or of another kind
     */
    public TokenSplit split(String name) {
        DatasetManifest.Split split = manifest.splits().get(name);
        if (split == null) {
            throw new UserException("Cannot open split '" + name + "' of " + folder() + ": it has "
                    + String.join(", ", manifest.splits().keySet()) + ".");
        }
        return new TokenSplit(this, name, split);
    }

    /**
     * Compares every file with the manifest, byte for byte by its hash.
     *
     * @throws UserException naming the first file that differs
     */
    public void verify() {
        for (String name : manifest.splits().keySet()) {
            split(name).close();
            for (ShardInfo shard : manifest.splits().get(name).shards()) {
                shard.bin().verify(HadoopFiles.resolve(folder(), shard.name() + ".bin"));
                shard.idx().verify(HadoopFiles.resolve(folder(), shard.name() + ".idx"));
                shard.counts().verify(HadoopFiles.resolve(folder(), shard.name() + ".counts"));
            }
        }
    }
}
