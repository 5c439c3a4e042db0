package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.require;

import java.io.Serializable;
import java.util.List;

/**
 * What only image runs have: how a picture becomes patches, and how training pictures are varied (method.md section 8).
 *
 * @param resolution rows and columns of a training picture in pixels, such as 224 or 224x320
 * @param patch rows and columns of a patch in pixels; divides the resolution
 * @param classes classes of the head; 0 takes those of the dataset
 * @param mean subtracted from red, green and blue, which are from 0 to 1
 * @param std divides the differences
 * @param augment how training pictures are varied
 */
public record ImageConfig(
        String resolution, int patch, int classes, List<Double> mean, List<Double> std, AugmentConfig augment)
        implements Serializable {
    private static final int CHANNELS = 3;

    public ImageConfig {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        atLeast("patch", patch, 1);
        require(
                classes == 0 || classes >= 2,
                "expected 0 (those of the dataset) or at least 2, found " + classes,
                "classes");
        require(mean.size() == CHANNELS, "expected red, green and blue, found " + mean.size() + " numbers", "mean");
        require(
                std.size() == CHANNELS && std.stream().allMatch(value -> value > 0),
                "expected numbers above 0 for red, green and blue, found " + std,
                "std");
        Resolution size = Resolution.parse(resolution, "resolution");
        require(
                size.isDivisibleBy(patch),
                "expected a resolution that patches of " + patch + " pixels divide, found " + resolution,
                "resolution",
                "patch");
    }

    /** The size of a training picture. */
    public Resolution size() {
        return Resolution.parse(resolution, "resolution");
    }

    /** The same with the number of classes set: the dataset's, unless the configuration sets its own. */
    public ImageConfig withClasses(int dataset) {
        return classes == 0 ? new ImageConfig(resolution, patch, dataset, mean, std, augment) : this;
    }
}
