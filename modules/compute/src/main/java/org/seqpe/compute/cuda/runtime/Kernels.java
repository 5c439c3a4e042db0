package org.seqpe.compute.cuda.runtime;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.HashMap;
import java.util.Map;
import org.seqpe.compute.cuda.driver.DriverApi;

/** The kernels of one module on one GPU, by name. */
final class Kernels {
    private static final int MAX_DYNAMIC_SHARED_SIZE_BYTES = 8;
    /** What a kernel may have without asking. */
    private static final int SHARED_BYTES = 48 << 10;

    private final CudaContext context;
    private final long module;
    private final Map<String, Kernel> kernels = new HashMap<>();

    /** One kernel, and how much shared memory it has been allowed. */
    static final class Kernel {
        private final CudaContext context;
        private final String name;
        private final long function;
        private int allowed = SHARED_BYTES;

        private Kernel(CudaContext context, String name, long function) {
            this.context = context;
            this.name = name;
            this.function = function;
        }

        String name() {
            return name;
        }

        /** The function's handle, allowed to use this much dynamic shared memory. */
        long function(int sharedBytes) {
            if (sharedBytes > allowed) {
                context.check(
                        "cuFuncSetAttribute of " + name,
                        DriverApi.cuFuncSetAttribute(function, MAX_DYNAMIC_SHARED_SIZE_BYTES, sharedBytes));
                allowed = sharedBytes;
            }
            return function;
        }
    }

    /** @param image a cubin, a fat binary or PTX */
    Kernels(CudaContext context, byte[] image) {
        this.context = context;
        // PTX is a C string.
        try (Memory memory = new Memory(image.length + 1L)) {
            memory.write(0, image, 0, image.length);
            memory.setByte(image.length, (byte) 0);
            long[] handle = new long[1];
            context.check(
                    "cuModuleLoadData", DriverApi.cuModuleLoadData(handle, new Pointer(Pointer.nativeValue(memory))));
            module = handle[0];
        }
    }

    Kernel get(String name) {
        Kernel kernel = kernels.get(name);
        if (kernel == null) {
            long[] handle = new long[1];
            context.check("cuModuleGetFunction of " + name, DriverApi.cuModuleGetFunction(handle, module, name));
            kernel = new Kernel(context, name, handle[0]);
            kernels.put(name, kernel);
        }
        return kernel;
    }

    void close() {
        DriverApi.cuModuleUnload(module);
    }
}
