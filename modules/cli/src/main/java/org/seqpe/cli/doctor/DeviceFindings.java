package org.seqpe.cli.doctor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Devices;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.driver.Gpus;
import org.seqpe.core.config.DeviceConfig;

/** What each kind of device would do here. */
final class DeviceFindings {
    /** For trials: ND4J unpacks its libraries when it starts for the first time. */
    private static final long PATIENCE_SECONDS = 120;

    private static final String USABLE = "usable";
    private static final String REFUSED = "refused";

    private static final int NUMBERS = 1000;
    private static final int SIDE = 1024;
    /** Long enough for clocks and threads to settle. */
    private static final double TIMED_SECONDS = 0.2;

    private static final int MOST_PRODUCTS = 2000;

    private DeviceFindings() {}

    static Findings devices() {
        Map<String, Findings> kinds = new LinkedHashMap<>();
        Devices.providers().forEach(provider -> kinds.put(name(provider), kind(provider)));
        // The most preferred kind that is not refused, as Devices chooses it.
        Findings findings = new Findings().look("auto_takes", () -> kinds.entrySet().stream()
                .filter(kind -> !state(kind.getValue()).equals(REFUSED))
                .map(kind -> state(kind.getValue()).equals(USABLE)
                        ? kind.getKey()
                        : kind.getKey() + ", if it answers at all")
                .findFirst()
                .orElse(null));
        kinds.forEach((name, kind) -> findings.look(name, () -> kind));
        return findings;
    }

    private static String state(Findings kind) {
        return kind.node().get("state").asText();
    }

    private static String name(DeviceProvider provider) {
        return provider.kind().toString().toLowerCase(Locale.ROOT);
    }

    private static Findings kind(DeviceProvider provider) {
        AtomicReference<String> refusal = new AtomicReference<>();
        Findings findings = new Findings().look("state", () -> {
            refusal.set(provider.refusal().orElse(null));
            return refusal.get() == null ? USABLE : REFUSED;
        });
        return switch (state(findings)) {
            case USABLE -> findings.look("trials", PATIENCE_SECONDS, () -> addresses(provider.kind()).stream()
                    .map(address -> trial(provider.kind(), address))
                    .toList());
            case REFUSED -> findings.look("reason", refusal::get);
            default -> findings;
        };
    }

    /** Where there are devices of a kind. */
    private static List<String> addresses(DeviceConfig.Kind kind) {
        return kind == DeviceConfig.Kind.CUDA
                ? Gpus.list().stream()
                        .map(gpu -> Integer.toString(gpu.number()))
                        .toList()
                : List.of("");
    }

    /** Fills and adds numbers on a device, and multiplies matrices for a fraction of a second. */
    private static Findings trial(DeviceConfig.Kind kind, String address) {
        Findings findings = new Findings();
        if (!address.isEmpty()) {
            findings.look("address", () -> address);
        }
        long start = System.nanoTime();
        try (Device device = Devices.create(new DeviceSpec(kind, address, 0, Precision.FLOAT32, false))) {
            double sum = sum(device);
            double started = (System.nanoTime() - start) / 1e9;
            double speed = productSpeed(device);
            findings.look(
                            "sum_of_" + NUMBERS,
                            () -> sum == NUMBERS / 2.0
                                    ? "as expected"
                                    : "wrong: expected " + NUMBERS / 2.0 + ", found " + sum)
                    .look("start_seconds", () -> rounded(started))
                    .look("estimated_float32_gflops", () -> rounded(speed));
        } catch (RuntimeException | LinkageError e) {
            return findings.look("failure", () -> Findings.reason(e));
        }
        if (has(kind, Precision.BFLOAT16)) {
            addBfloat16(kind, address, findings);
        }
        return findings;
    }

    private static boolean has(DeviceConfig.Kind kind, Precision precision) {
        return Devices.providers().stream()
                .anyMatch(provider ->
                        provider.kind() == kind && provider.precisions().contains(precision));
    }

    /** What multiplies in bfloat16 and how fast, or why nothing does. */
    private static void addBfloat16(DeviceConfig.Kind kind, String address, Findings findings) {
        try (Device device = Devices.create(new DeviceSpec(kind, address, 0, Precision.BFLOAT16, false))) {
            double speed = productSpeed(device);
            findings.look("bf16_unit", device::matrixUnit).look("estimated_bf16_gflops", () -> rounded(speed));
        } catch (RuntimeException | LinkageError e) {
            findings.look("bf16_refused", () -> Findings.reason(e));
        }
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }

    private static double sum(Device device) {
        Tensor numbers = device.allocate(NUMBERS);
        Doubles sum = device.allocateDoubles(1);
        device.fill(numbers, 0.5f);
        device.sum(numbers, sum, 0);
        double result = sum.toArray()[0];
        device.free(numbers);
        return result;
    }

    /** Operations a second, in units of 10^9. */
    private static double productSpeed(Device device) {
        Tensor a = operand(device, 0.5f);
        Tensor b = operand(device, 2);
        Tensor c = device.allocate(SIDE, SIDE);
        double first = seconds(device, 1, a, b, c);
        double once = first > TIMED_SECONDS ? first : seconds(device, 1, a, b, c);
        int products = (int) Math.max(1, Math.min(MOST_PRODUCTS, TIMED_SECONDS / once));
        double all = first > TIMED_SECONDS ? first : seconds(device, products, a, b, c);
        return 2.0 * SIDE * SIDE * SIDE * products / all / 1e9;
    }

    private static Tensor operand(Device device, float value) {
        Tensor exact = device.allocate(SIDE, SIDE);
        device.fill(exact, value);
        Tensor operand = device.allocate(device.precision(), SIDE, SIDE);
        device.copy(exact, operand);
        return operand;
    }

    private static double seconds(Device device, int products, Tensor a, Tensor b, Tensor c) {
        device.synchronize();
        long start = System.nanoTime();
        for (int i = 0; i < products; i++) {
            device.matmul(a, false, b, false, 1, 0, c);
        }
        device.synchronize();
        return (System.nanoTime() - start) / 1e9;
    }
}
