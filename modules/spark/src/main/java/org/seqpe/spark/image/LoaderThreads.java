package org.seqpe.spark.image;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkEnv;

/** The threads of this JVM that read, decode and vary pictures, for all of its replicas. */
final class LoaderThreads {
    private static final Map<Integer, ExecutorService> POOLS = new ConcurrentHashMap<>();

    private LoaderThreads() {}

    /** @param configured how many; 0 for as many as the executor has cores */
    static ExecutorService of(int configured) {
        return POOLS.computeIfAbsent(configured > 0 ? configured : cores(), LoaderThreads::create);
    }

    private static int cores() {
        int machine = Runtime.getRuntime().availableProcessors();
        SparkEnv spark = SparkEnv.get();
        return spark == null ? machine : Math.min(machine, spark.conf().getInt("spark.executor.cores", machine));
    }

    private static ExecutorService create(int count) {
        AtomicInteger number = new AtomicInteger();
        return Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(work, "picture-loader-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
    }
}
