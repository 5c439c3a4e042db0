package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.notBlank;

import java.io.Serializable;

/**
 * The prepared tokens.
 *
 * @param path folder that {@code seqpe prepare} made: shards and manifest.json
 * @param trainSplit split used for training
 * @param validationSplit split used for validation during training
 */
public record DataConfig(@MayChange String path, String trainSplit, @MayChange String validationSplit)
        implements Serializable {
    public DataConfig {
        notBlank("path", path, "set it to the folder that 'seqpe prepare' made");
        notBlank("train-split", trainSplit, "name a split of the manifest, such as train");
        notBlank("validation-split", validationSplit, "name a split of the manifest, such as validation");
    }
}
