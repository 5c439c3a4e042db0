package org.seqpe.core.config;

/**
 * @param path       folder that {@code seqpe prepare} made: shards and manifest.json
 * @param trainSplit split that is trained on
 * @param validationSplit split that is measured during training
 */
public record DataConfig(String path, String trainSplit, String validationSplit) {
}
