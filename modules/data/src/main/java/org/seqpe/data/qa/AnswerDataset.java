package org.seqpe.data.qa;

import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.ManifestFile;
import org.seqpe.data.tokenizer.Tokenizer;

/** A folder of questions and answers that {@code seqpe prepare} made: manifest.json and shards, on any Hadoop path. */
public final class AnswerDataset {
    private final ManifestFile file;
    private final AnswerManifest manifest;

    private AnswerDataset(ManifestFile file) {
        this.file = file;
        this.manifest = AnswerManifest.of(file);
    }

    /**
     * Reads the manifest; shards are checked when their split is opened.
     *
     * @throws UserException if the folder has no manifest of answers that this version can read
     */
    public static AnswerDataset open(String folder) {
        return new AnswerDataset(ManifestFile.read(folder));
    }

    public String folder() {
        return file.folder();
    }

    public AnswerManifest manifest() {
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
     * Opens a split: reads its indexes, after checking the lengths and headers of its files.
     *
     * @throws UserException if there is no such split, or a file is missing, truncated or of another kind
     */
    public AnswerSplit split(String name) {
        AnswerManifest.Split split = manifest.splits().get(name);
        if (split == null) {
            throw new UserException("Cannot open split '" + name + "' of " + folder() + ": it has "
                    + String.join(", ", manifest.splits().keySet()) + ".");
        }
        return new AnswerSplit(folder(), name, split, manifest.tokenType());
    }

    /**
     * Compares every file with the manifest, byte for byte by its hash.
     *
     * @throws UserException naming the first file that differs
     */
    public void verify() {
        manifest.splits().forEach((name, split) -> {
            split(name).close();
            for (AnswerShardInfo shard : split.shards()) {
                String path = HadoopFiles.resolve(folder(), shard.name());
                shard.bin().verify(path + ".bin");
                shard.idx().verify(path + ".idx");
                shard.jsonl().verify(path + AnswerShardInfo.JSONL);
            }
        });
    }
}
