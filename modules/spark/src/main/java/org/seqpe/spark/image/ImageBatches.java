package org.seqpe.spark.image;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.nd4j.linalg.dataset.DataSet;
import org.seqpe.core.config.RunConfig;
import org.seqpe.data.image.batch.TrainingPictures;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageSplit;
import org.seqpe.model.image.ImageTask;
import org.seqpe.spark.round.ReplicaBatches;

/**
 * The steps of an image task: features are the patches of varied pictures, labels as {@link ImageTask} has them. Every
 * JVM opens the split once.
 */
public final class ImageBatches implements ReplicaBatches {
    private static final long serialVersionUID = 1L;
    private static final Map<String, ImageSplit> OPEN = new ConcurrentHashMap<>();
    private static final long MEBIBYTE = 1L << 20;

    private final String dataset;
    private final String sha256;
    private final RunConfig config;

    /**
     * @param dataset Hadoop path with a scheme, the same for all machines
     * @param sha256 hash of its manifest, which every executor compares
     * @param config with the classes set
     */
    public ImageBatches(String dataset, String sha256, RunConfig config) {
        this.dataset = dataset;
        this.sha256 = sha256;
        this.config = config;
    }

    /** @throws org.seqpe.core.UserException if the split cannot be opened or is too small */
    public TrainingPictures pictures() {
        String name = config.data().trainSplit();
        ImageSplit split = OPEN.computeIfAbsent(dataset + "#" + name + "#" + sha256, key -> {
            ImageDataset opened = ImageDataset.open(dataset);
            opened.requireHash(sha256);
            return opened.split(name);
        });
        return new TrainingPictures(
                split,
                config.image(),
                config.train().replicas(),
                config.train().accumulation(),
                config.train().batch(),
                config.seed());
    }

    @Override
    public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
        LoadedSteps loaded = new LoadedSteps(
                pictures(),
                ImageTask.of(config.image()),
                LoaderThreads.of(config.data().loaderThreads()),
                replica,
                firstSample,
                steps,
                config.data().prefetchMebibytes() * MEBIBYTE);
        TaskContext task = TaskContext.get();
        if (task != null) {
            task.addTaskCompletionListener((TaskCompletionListener) context -> loaded.close());
        }
        return loaded;
    }

    @Override
    public int rows() {
        return config.train().accumulation() * config.train().batch();
    }

    /** Every picture has a class. */
    @Override
    public long weight(DataSet step) {
        return step.getLabels().size(0);
    }
}
