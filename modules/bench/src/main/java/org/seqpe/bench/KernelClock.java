package org.seqpe.bench;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.TreeMap;
import org.seqpe.bench.Side.Phases;
import org.seqpe.compute.Device;

/**
 * A device that measures the kernels of another one: seconds of each, of each part of a training step, and of the host
 * between kernels. It waits for each kernel, so that nothing runs beside it.
 */
public final class KernelClock {
    private enum Phase {
        FORWARD,
        BACKWARD,
        OPTIMIZER
    }

    private static final Map<String, String> SECTIONS = sections();

    private final Device target;
    private final Device device;
    private final Map<String, Long> nanos = new TreeMap<>();
    private final long[] phaseNanos = new long[Phase.values().length];
    private Phase phase;
    private boolean hasLoss;
    private long last;
    private long total;
    private boolean running;

    KernelClock(Device target) {
        this.target = target;
        device = (Device) Proxy.newProxyInstance(
                Device.class.getClassLoader(),
                new Class<?>[] {Device.class},
                (proxy, method, arguments) -> call(method, arguments));
    }

    private static Map<String, String> sections() {
        Map<String, String> sections = new TreeMap<>();
        put(sections, "products", "matmul", "matmulBatched", "linear", "linearGelu", "linearBackward");
        put(sections, "attention", "attention", "attentionBackward", "listAttention", "listAttentionBackward");
        put(sections, "losses", "crossEntropy", "divergence");
        put(sections, "layer norm", "layerNorm", "layerNormBackward", "addLayerNorm", "addLayerNormBackward");
        put(
                sections,
                "elementwise",
                "add",
                "gelu",
                "geluBackward",
                "dropout",
                "copy",
                "branchGradient",
                "axpy",
                "scale",
                "fill",
                "rotary",
                "multiplyHeads",
                "multiplyHeadsBackward",
                "addHeads",
                "addHeadsBackward");
        put(sections, "embeddings", "gather", "scatterAdd", "addRows", "sumRows");
        put(sections, "optimizer", "adam", "adamW", "sumOfSquares", "clip");
        return sections;
    }

    private static void put(Map<String, String> sections, String section, String... kernels) {
        for (String kernel : kernels) {
            sections.put(kernel, section);
        }
    }

    Device device() {
        return device;
    }

    /** Forgets what was measured and begins. */
    void start() {
        nanos.clear();
        phase = Phase.FORWARD;
        hasLoss = false;
        running = true;
        last = System.nanoTime();
        total = last;
    }

    void stop() {
        running = false;
        long end = System.nanoTime();
        phaseNanos[phase.ordinal()] += end - last;
        total = end - total;
    }

    /** Seconds of each kernel, by its name in {@link Device}; what passed between kernels is {@code host}. */
    public Map<String, Double> kernels() {
        Map<String, Double> seconds = new TreeMap<>();
        nanos.forEach((name, value) -> seconds.put(name, value * 1e-9));
        seconds.put(
                "host",
                (total - nanos.values().stream().mapToLong(Long::longValue).sum()) * 1e-9);
        return seconds;
    }

    /** {@link #kernels} summed up by what they do. */
    public Map<String, Double> bySection() {
        Map<String, Double> seconds = new TreeMap<>();
        kernels().forEach((name, value) -> seconds.merge(SECTIONS.getOrDefault(name, name), value, Double::sum));
        return seconds;
    }

    /**
     * The loss's gradient is made together with the loss and counts as forward; the output layer's gradients are
     * backward.
     */
    Phases phases() {
        return new Phases(phaseNanos[0] * 1e-9, phaseNanos[1] * 1e-9, phaseNanos[2] * 1e-9);
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        long start = System.nanoTime();
        Object result;
        try {
            result = method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (running && SECTIONS.containsKey(method.getName())) {
            target.synchronize();
            long end = System.nanoTime();
            nanos.merge(method.getName(), end - start, Long::sum);
            phaseNanos[phaseOf(method.getName(), arguments).ordinal()] += end - last;
            last = end;
        }
        return result;
    }

    private Phase phaseOf(String kernel, Object[] arguments) {
        if (SECTIONS.get(kernel).equals("optimizer")) {
            phase = Phase.OPTIMIZER;
        } else if (kernel.endsWith("Backward") && phase == Phase.FORWARD) {
            phase = Phase.BACKWARD;
        }
        hasLoss |= kernel.equals("crossEntropy");
        // The output layer works in blocks of rows: logits of the next block follow the gradients of the last one.
        boolean head = kernel.equals("matmulBatched") && (Integer) arguments[0] == 1;
        boolean logits = head && !(Boolean) arguments[8] && (Boolean) arguments[12];
        return phase == Phase.FORWARD && hasLoss && head && !logits ? Phase.BACKWARD : phase;
    }
}
