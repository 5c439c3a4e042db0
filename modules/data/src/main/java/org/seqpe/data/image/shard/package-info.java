/**
 * Prepared pictures: an {@link org.seqpe.data.image.shard.ImageDataset} holds
 * {@link org.seqpe.data.image.shard.ImageSplit}s, whose pictures lie in tar shards of WebDataset's layout.
 */
package org.seqpe.data.image.shard;
