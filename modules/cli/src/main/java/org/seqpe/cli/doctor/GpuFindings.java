package org.seqpe.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.seqpe.compute.cuda.driver.Gpu;
import org.seqpe.compute.cuda.driver.Gpus;

/** NVIDIA's driver and what it shows. */
final class GpuFindings {
    private GpuFindings() {}

    static Findings gpus() {
        Findings findings = new Findings().look("driver", GpuFindings::driver).look("driver_supports_cuda", () -> {
            int version = Gpus.driverVersion();
            return version / 1000 + "." + version % 1000 / 10;
        });
        if (Gpus.hasDriver()) {
            findings.look(
                    "driver_library", () -> ProgramFindings.loaded("libcuda.so").toString());
        }
        return findings.look("visible_gpus", () -> Findings.orNone(GpuFindings::visible));
    }

    private static Object visible() {
        List<Gpu> gpus = Gpus.list();
        return gpus.isEmpty()
                ? "none (the driver shows no GPU to this process)"
                : gpus.stream().map(GpuFindings::gpu).toList();
    }

    /** The version of the driver in the kernel, which is the machine's also in a container. */
    private static String driver() throws IOException {
        Path module = Path.of("/sys/module/nvidia/version");
        if (!Files.exists(module)) {
            throw new IOException("there is no " + module);
        }
        return Files.readString(module).strip();
    }

    private static Findings gpu(Gpu gpu) {
        return new Findings()
                .look("number", gpu::number)
                .look("name", gpu::name)
                .look("uuid", gpu::uuid)
                .look("bus", gpu::bus)
                .look("compute_capability", () -> gpu.capability() / 10 + "." + gpu.capability() % 10)
                .look("memory_bytes", gpu::memory);
    }
}
