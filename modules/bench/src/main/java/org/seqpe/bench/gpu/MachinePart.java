package org.seqpe.bench.gpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.Devices;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.driver.CublasLt;
import org.seqpe.compute.cuda.driver.Gpu;
import org.seqpe.compute.cuda.driver.Gpus;
import org.seqpe.core.random.RandomStream;

/** What this process sees of the GPU and its libraries; whether the kernels load; the first kernels, one by one. */
final class MachinePart {
    private static final int VALUES = 1000;
    private static final int ROWS = 65;
    private static final int INNER = 129;
    private static final int COLUMNS = 33;
    private static final int LAUNCHES = 2000;
    private static final int REPEATS = 5;

    private final Figures figures;
    private final Sizes sizes;

    MachinePart(Figures figures, Sizes sizes) {
        this.figures = figures;
        this.sizes = sizes;
    }

    void run() {
        figures.say(
                "Java %s, %d processors, %d MiB of heap at most",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory() >> 20);
        figures.put("java", Runtime.version().toString());
        libraries();
        for (DeviceProvider provider : Devices.providers()) {
            figures.say(
                    "Device %s, precisions %s: %s",
                    provider.kind(), provider.precisions(), provider.refusal().orElse("can be used"));
        }
        Optional<String> refusal = GpuCheck.cudaProvider().refusal();
        if (refusal.isPresent()) {
            figures.fail("the device CUDA: %s", refusal.get());
            return;
        }
        long start = System.nanoTime();
        try (Device device = Devices.create(GpuCheck.cuda(Precision.FLOAT32))) {
            double seconds = (System.nanoTime() - start) * 1e-9;
            figures.say("Opened the device and loaded the kernels in %.3f s", seconds);
            figures.put("openSeconds", seconds);
            elementwise(device);
            product(device);
            copies(device);
            launches(device);
        }
        GpuCheck.cudaProvider().precisions().forEach(this::productTime);
    }

    private void libraries() {
        int version = Gpus.driverVersion();
        figures.say("NVIDIA's driver knows CUDA %d.%d", version / 1000, version % 1000 / 10);
        figures.put("driver", version);
        List<String> gpus = new ArrayList<>();
        for (Gpu gpu : Gpus.list()) {
            figures.say(
                    "%s, %s, bus %s, %d MiB, %d bytes of shared memory a block, memory pools: %s",
                    gpu, gpu.uuid(), gpu.bus(), gpu.memory() >> 20, gpu.sharedMemory(), gpu.pools());
            gpus.add(gpu.toString());
        }
        figures.put("gpus", gpus);
        String library = CublasLt.bind();
        long cublasLt = CublasLt.cublasLtGetVersion();
        figures.say("cuBLASLt %d: %s", cublasLt, library);
        figures.put("cublasLt", cublasLt);
        figures.put("cublasLtPath", library);
    }

    /** 2 + 3 * 4: fill and axpy. */
    private void elementwise(Device device) {
        Tensor x = device.allocate(VALUES);
        Tensor y = device.allocate(VALUES);
        device.fill(x, 2);
        device.fill(y, 4);
        device.axpy(3, y, x);
        float[] values = x.toArray();
        for (int i = 0; i < VALUES; i++) {
            if (values[i] != 14) {
                figures.fail("fill and axpy: element %d of %d: expected 14, found %s", i, VALUES, values[i]);
                return;
            }
        }
        figures.say("fill and axpy are right");
    }

    /** A product of odd sizes against sums in double precision. */
    private void product(Device device) {
        RandomStream random = RandomStream.of(1);
        float[] a = normal(random, ROWS * INNER);
        float[] b = normal(random, INNER * COLUMNS);
        Tensor left = device.allocate(ROWS, INNER);
        Tensor right = device.allocate(INNER, COLUMNS);
        Tensor out = device.allocate(ROWS, COLUMNS);
        left.upload(a);
        right.upload(b);
        device.matmul(left, false, right, false, 1, 0, out);
        float[] found = out.toArray();
        double worst = 0;
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < COLUMNS; j++) {
                double sum = 0;
                for (int k = 0; k < INNER; k++) {
                    sum += (double) a[i * INNER + k] * b[k * COLUMNS + j];
                }
                worst = Math.max(worst, Math.abs(found[i * COLUMNS + j] - sum));
            }
        }
        // Sums of 129 products of standard normal values: TF32 would be off by 1e-2.
        figures.say("A product of %d x %d x %d is off by at most %.1e", ROWS, INNER, COLUMNS, worst);
        figures.put("productError", worst);
        figures.expect(worst < 1e-4, "a product is off by %s: expected less than 1e-4", worst);
    }

    private static float[] normal(RandomStream random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private void copies(Device device) {
        int count = sizes.copy / Float.BYTES;
        float[] values = new float[count];
        Tensor tensor = device.allocate(count);
        rate("upload", () -> tensor.upload(values), device);
        rate("download", () -> tensor.download(0, values, 0, count), device);
        Tensor other = device.allocate(count);
        // Reads and writes.
        rate("copy on the device", () -> device.copy(tensor, other), device);
    }

    private void rate(String what, Runnable work, Device device) {
        double seconds = seconds(work, device);
        figures.say(
                "%s of %d MiB: %.3f ms, %.1f GB/s", what, sizes.copy >> 20, seconds * 1e3, sizes.copy / seconds * 1e-9);
        figures.put(what.replace(' ', '-') + "-GB/s", sizes.copy / seconds * 1e-9);
    }

    /** The median of a few times, after one that does not count. */
    private static double seconds(Runnable work, Device device) {
        double[] times = new double[REPEATS];
        for (int i = -1; i < REPEATS; i++) {
            device.synchronize();
            long start = System.nanoTime();
            work.run();
            device.synchronize();
            if (i >= 0) {
                times[i] = (System.nanoTime() - start) * 1e-9;
            }
        }
        Arrays.sort(times);
        return times[REPEATS / 2];
    }

    private void launches(Device device) {
        int count = sizes == Sizes.FULL ? LAUNCHES : 10;
        Tensor x = device.allocate(1);
        double[] asked = new double[1];
        double seconds = seconds(
                () -> {
                    long start = System.nanoTime();
                    for (int i = 0; i < count; i++) {
                        device.axpy(1, x, x);
                    }
                    asked[0] = (System.nanoTime() - start) * 1e-9;
                },
                device);
        figures.say(
                "A small kernel takes %.2f us, asking for it %.2f us", seconds / count * 1e6, asked[0] / count * 1e6);
        figures.put("launchMicroseconds", seconds / count * 1e6);
        figures.put("askMicroseconds", asked[0] / count * 1e6);
    }

    private void productTime(Precision precision) {
        int n = sizes.product;
        float[] row = normal(RandomStream.of(2), n);
        try (Device device = Devices.create(GpuCheck.cuda(precision))) {
            Tensor a = device.allocate(precision, n, n);
            Tensor b = device.allocate(precision, n, n);
            Tensor c = device.allocate(precision, n, n);
            for (int i = 0; i < n; i++) {
                a.upload((long) i * n, row, 0, n);
                b.upload((long) i * n, row, 0, n);
            }
            double seconds = seconds(() -> device.matmul(a, false, b, false, 1, 0, c), device);
            double rate = 2.0 * n * n * n / seconds * 1e-12;
            String name = String.format(Locale.ROOT, "product-%d-%s", n, GpuCheck.lower(precision));
            figures.say("%s: %.3f ms, %.1f TFLOP/s", name, seconds * 1e3, rate);
            figures.put(name + "-TFLOP/s", rate);
        }
    }
}
