package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.notBlank;

import java.io.Serializable;

/**
 * The prepared data.
 *
 * @param path folder that {@code seqpe prepare} made: shards and manifest.json
 * @param trainSplit split used for training
 * @param validationSplit split used for validation during training
 * @param loaderThreads threads of an executor that read and vary pictures; 0 for as many as it has cores
 * @param prefetchMebibytes most memory of samples that a replica holds ready; one step is always made in advance
 */
public record DataConfig(
        @MayChange String path,
        String trainSplit,
        @MayChange String validationSplit,
        @MayChange int loaderThreads,
        @MayChange int prefetchMebibytes)
        implements Serializable {
    public DataConfig {
        notBlank("path", path, "set it to the folder that 'seqpe prepare' made");
        notBlank("train-split", trainSplit, "name a split of the manifest, such as train");
        notBlank("validation-split", validationSplit, "name a split of the manifest, such as validation");
        atLeast("loader-threads", loaderThreads, 0);
        atLeast("prefetch-mebibytes", prefetchMebibytes, 1);
    }
}
