package org.seqpe.data.text.window;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

/** A folder that {@code seqpe prepare} made: manifest.json and shards, on any Hadoop path. */
public final class TokenDataset {
    private final String folder;
    private final DatasetManifest manifest;
    private final String hash;

    private TokenDataset(String folder, DatasetManifest manifest, String hash) {
        this.folder = folder;
        this.manifest = manifest;
        this.hash = hash;
    }

    /**
     * Reads the manifest; shards are checked when their split is opened.
     *
     * @throws UserException if the folder has no manifest that this version can read
     */
    public static TokenDataset open(String folder) {
        String file = HadoopFiles.resolve(folder, DatasetManifest.FILE);
        if (!HadoopFiles.exists(file)) {
            throw new UserException("Cannot open the dataset " + folder
                    + ": expected a folder made by 'seqpe prepare', found no " + DatasetManifest.FILE + " in it.");
        }
        byte[] bytes = HadoopFiles.readBytes(file);
        String hash = HexFormat.of().formatHex(HadoopFiles.newSha256().digest(bytes));
        return new TokenDataset(folder, DatasetManifest.parse(new String(bytes, StandardCharsets.UTF_8), file), hash);
    }

    public String folder() {
        return folder;
    }

    public DatasetManifest manifest() {
        return manifest;
    }

    /** SHA-256 of manifest.json, which contains the SHA-256 of every other file. Equal hashes mean equal data. */
    public String hash() {
        return hash;
    }

    /**
     * Refuses data that differs from the data with which a run began.
     *
     * @param expected the hash that the run recorded
     * @throws UserException if it is not this dataset's
     */
    public void requireHash(String expected) {
        if (!hash.equals(expected)) {
            throw new UserException(
                    "Cannot use the dataset " + folder + ": the run was made with data of manifest sha256 " + expected
                            + ", found " + hash + ". Use the same data, or another run folder for this one.");
        }
    }

    /**
     * The tokenizer that made the tokens.
     *
     * @throws UserException if this version's tokenizer of that name gives other ids
     */
    public Tokenizer tokenizer() {
        DatasetManifest.TokenizerInfo info = manifest.tokenizer();
        Tokenizer tokenizer;
        try {
            tokenizer = Tokenizers.of(info.id());
        } catch (UserException e) {
            throw new UserException(
                    "Cannot read the tokens of " + folder
                            + ": its manifest names a tokenizer that this version does not have. " + e.getMessage(),
                    e);
        }
        if (!tokenizer.hash().equals(info.hash())) {
            throw new UserException("Cannot read the tokens of " + folder + ": they were made by tokenizer " + info.id()
                    + " with vocabulary sha256 " + info.hash() + ", found " + tokenizer.hash()
                    + ". Prepare the data again.");
        }
        return tokenizer;
    }

    /**
     * Opens a split, after checking the lengths and headers of its files.
     *
     * @throws UserException if there is no such split, or a file is missing, truncated or of another kind
     */
    public TokenSplit split(String name) {
        DatasetManifest.Split split = manifest.splits().get(name);
        if (split == null) {
            throw new UserException("Cannot open split '" + name + "' of " + folder + ": it has "
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
                verify(shard.name() + ".bin", shard.bin());
                verify(shard.name() + ".idx", shard.idx());
                verify(shard.name() + ".counts", shard.counts());
            }
        }
    }

    private void verify(String file, ShardInfo.StoredFile expected) {
        String path = HadoopFiles.resolve(folder, file);
        String found = HadoopFiles.sha256(path);
        if (!found.equals(expected.sha256())) {
            throw new UserException("Cannot use " + path + ": expected sha256 " + expected.sha256() + ", found " + found
                    + ". The file is damaged: restore it or prepare the data again.");
        }
    }
}
