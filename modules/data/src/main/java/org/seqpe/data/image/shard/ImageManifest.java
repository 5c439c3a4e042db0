package org.seqpe.data.image.shard;

import java.util.List;
import java.util.SortedMap;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.ManifestFile;

/**
 * manifest.json of prepared pictures: what they were made from and what there is.
 *
 * @param kind "images", by which this manifest differs from that of a text
 * @param formatVersion version of this layout, {@value #FORMAT_VERSION}
 * @param corpus where the pictures came from
 * @param shortSide pixels of the short side to which larger pictures were reduced, or 0 if all are as they came
 * @param classes the classes, in the order of their numbers
 * @param splits by name
 */
public record ImageManifest(
        String kind,
        int formatVersion,
        DatasetManifest.Corpus corpus,
        int shortSide,
        List<PictureClass> classes,
        SortedMap<String, Split> splits) {
    public static final int FORMAT_VERSION = 1;

    /**
     * A class of pictures.
     *
     * @param name its name in the corpus
     * @param words what people call it; empty if the name says it, or nothing does
     * @param pictures how many pictures of it each split has
     */
    public record PictureClass(String name, String words, SortedMap<String, Long> pictures) {}

    /**
     * @param pictures pictures kept
     * @param bytes length of all pictures as files
     * @param skipped pictures left out, by reason
     * @param shards in the order of the pictures
     */
    public record Split(long pictures, long bytes, SortedMap<String, Long> skipped, List<PictureShardInfo> shards) {

        /** Refuses impossible counts, and names that point outside the dataset's folder. */
        private void require(String name, long ofClasses, ManifestFile file) {
            long ofShards = 0;
            long bytesOfShards = 0;
            for (PictureShardInfo shard : shards) {
                if (shard == null || !ManifestFile.isPlain(shard.name()) || shard.pictures() < 0 || shard.bytes() < 0) {
                    throw file.contradiction("expected shards of split " + name
                            + " with names of files in the same folder and counts from 0 on, found " + shard);
                }
                ofShards += shard.pictures();
                bytesOfShards += shard.bytes();
            }
            if (ofShards != pictures || bytesOfShards != bytes || ofClasses != pictures) {
                throw file.contradiction("expected split " + name + " to have the " + ofShards + " pictures with "
                        + bytesOfShards + " bytes of its shards, and the " + ofClasses
                        + " pictures of the classes, found "
                        + pictures + " pictures with " + bytes + " bytes");
            }
        }
    }

    /** @throws org.seqpe.core.UserException if it is not a manifest of pictures, or not of this version */
    public static ImageManifest of(ManifestFile file) {
        ImageManifest manifest =
                file.convert(file.require(ManifestFile.Kind.IMAGES, FORMAT_VERSION), ImageManifest.class);
        if (manifest.classes.contains(null) || manifest.splits.containsValue(null)) {
            throw file.contradiction("expected classes and splits, found null among them");
        }
        manifest.splits.forEach((name, split) -> split.require(name, manifest.picturesOfClasses(name), file));
        return manifest;
    }

    private long picturesOfClasses(String split) {
        return classes.stream()
                .mapToLong(one -> one.pictures().getOrDefault(split, 0L))
                .sum();
    }

    /** How many classes a split has pictures of. */
    public long classesIn(String split) {
        return classes.stream()
                .filter(one -> one.pictures().getOrDefault(split, 0L) > 0)
                .count();
    }

    /** The file's text: the same for equal manifests. */
    public String toJson() {
        return ManifestFile.text(this);
    }
}
