package org.seqpe.spark.train;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;

/**
 * The last round's figures as gauges of Spark's metrics, source {@value #NAME} of the driver. Spark's Source and
 * MetricsSystem are private[spark], which Scala keeps to itself: for Java they are public, but their owner may change
 * them.
 */
final class RoundGauges implements Source, AutoCloseable {
    private static final String NAME = "seqpe";
    private final MetricRegistry registry = new MetricRegistry();
    private final Map<String, Number> values = new ConcurrentHashMap<>();
    private boolean registered;

    /** Shows these values from now on; one that is not among them keeps its last value. */
    void show(Map<String, ? extends Number> newValues) {
        newValues.forEach((name, value) -> {
            if (values.put(name, value) == null) {
                registry.register(name, (Gauge<Number>) () -> values.get(name));
            }
        });
        if (!registered) {
            SparkEnv.get().metricsSystem().registerSource(this);
            registered = true;
        }
    }

    @Override
    public String sourceName() {
        return NAME;
    }

    @Override
    public MetricRegistry metricRegistry() {
        return registry;
    }

    @Override
    public void close() {
        if (registered && SparkEnv.get() != null) {
            SparkEnv.get().metricsSystem().removeSource(this);
        }
    }
}
