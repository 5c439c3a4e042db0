package org.seqpe.data.image.prepare;

import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.image.PictureDecoder;
import org.seqpe.data.image.corpus.ImageColumns;
import org.seqpe.data.image.corpus.ImageCorpusKind;

/**
 * Which pictures to prepare, and how. Equal requests on equal files give equal datasets, byte for byte.
 *
 * @param inputs files and folders, Hadoop paths
 * @param corpus "auto" or an {@link ImageCorpusKind}'s id
 * @param columns the columns of Parquet files that hold pictures and labels
 * @param output folder to make
 * @param ratios shares of the splits, for corpora that have none
 * @param splits splits to make, for corpora that have splits, each of which must exist; empty for all that exist
 * @param seed seed of the assignment to splits
 * @param shardBytes a shard is closed once its pictures have this many bytes
 * @param shortSide pixels of the short side to which larger pictures are reduced, or 0 to keep all as they come
 * @param overwrite whether an existing dataset is replaced
 * @param skipInvalid whether files that are no pictures are left out and counted instead of causing an error
 */
public record ImageRequest(
        List<String> inputs,
        String corpus,
        ImageColumns columns,
        String output,
        SplitRatios ratios,
        List<String> splits,
        long seed,
        long shardBytes,
        int shortSide,
        boolean overwrite,
        boolean skipInvalid) {
    public static final String AUTO = "auto";
    public static final long DEFAULT_SHARD_BYTES = 1L << 28;
    /** Upper limit, because the index of a whole shard is held in memory. */
    private static final long MOST_SHARD_BYTES = 1L << 36;

    /** @throws UserException for a value that cannot be */
    public ImageRequest {
        inputs = List.copyOf(inputs);
        splits = List.copyOf(splits);
        if (inputs.isEmpty()) {
            throw new UserException("Cannot prepare: expected at least one input file or folder.");
        }
        if (!corpus.equals(AUTO)) {
            ImageCorpusKind.of(corpus);
        }
        if (!splits.isEmpty()) {
            Splits.require(splits);
        }
        if (shardBytes < 1 || shardBytes > MOST_SHARD_BYTES) {
            throw new UserException(
                    "Cannot make shards of " + shardBytes + " bytes: expected 1 to " + MOST_SHARD_BYTES + ".");
        }
        if (shortSide < 0 || shortSide > PictureDecoder.LONGEST_SIDE) {
            throw new UserException("Cannot reduce pictures to a short side of " + shortSide + " pixels: expected 1 to "
                    + PictureDecoder.LONGEST_SIDE + ", or 0 to keep them as they come.");
        }
    }

    /**
     * A request in which everything else is detected or has its default: corpus kind and splits detected, 98/1/1 splits
     * for corpora without, seed 1, shards of 256 MiB, files that are no pictures skipped.
     */
    public static Builder of(List<String> inputs, String output) {
        return new Builder(inputs, output);
    }

    /**
     * Sets the components of a request other than inputs and output. Each method is named after the component that it
     * sets.
     */
    public static final class Builder {
        private final List<String> inputs;
        private final String output;
        private String corpus = AUTO;
        private ImageColumns columns = ImageColumns.DEFAULT;
        private SplitRatios ratios = SplitRatios.DEFAULT;
        private List<String> splits = List.of();
        private long seed = 1;
        private long shardBytes = DEFAULT_SHARD_BYTES;
        private int shortSide;
        private boolean overwrite;
        private boolean skipInvalid = true;

        private Builder(List<String> inputs, String output) {
            this.inputs = inputs;
            this.output = output;
        }

        public Builder corpus(String kind) {
            corpus = kind;
            return this;
        }

        public Builder columns(ImageColumns names) {
            columns = names;
            return this;
        }

        public Builder ratios(SplitRatios shares) {
            ratios = shares;
            return this;
        }

        public Builder splits(List<String> names) {
            splits = names;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder shardBytes(long bytes) {
            shardBytes = bytes;
            return this;
        }

        public Builder shortSide(int pixels) {
            shortSide = pixels;
            return this;
        }

        public Builder overwrite(boolean value) {
            overwrite = value;
            return this;
        }

        public Builder skipInvalid(boolean value) {
            skipInvalid = value;
            return this;
        }

        /** @throws UserException for a value that cannot be */
        public ImageRequest build() {
            return new ImageRequest(
                    inputs,
                    corpus,
                    columns,
                    output,
                    ratios,
                    splits,
                    seed,
                    shardBytes,
                    shortSide,
                    overwrite,
                    skipInvalid);
        }
    }
}
