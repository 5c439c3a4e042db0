package org.seqpe.compute.cpu.bfloat16;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.seqpe.core.UserException;

/**
 * oneDNN, which computes products of bfloat16 on processors: the functions of its C interface that we use. The library
 * comes from the presets of JavaCPP, whose Java classes ask for another version of JavaCPP than ND4J's; so the
 * functions are bound by JNA.
 */
final class OneDnn {
    /** In the order in which they must be loaded: the last one asks for the first by name. */
    private static final List<String> FILES = List.of(
            "/org/bytedeco/opencl/linux-x86_64/libOpenCL.so.1",
            "/org/bytedeco/dnnl/linux-x86_64/libgomp.so.1",
            "/org/bytedeco/dnnl/linux-x86_64/libdnnl.so.3");

    static final int BFLOAT16 = 2;
    static final int FLOAT32 = 3;
    static final int SOURCE = 1;
    static final int TARGET = 17;
    static final int WEIGHTS = 33;
    /** alpha x + beta, of what a primitive computed. */
    private static final int LINEAR = 0x26;

    private static final int PROCESSOR = 1;
    private static final int IN_ORDER = 1;
    /** Bits of {@link #dnnl_get_effective_cpu_isa}. */
    private static final int ISA_AVX512_BF16 = 0xe7;

    private static final int ISA_AMX = 0xfef;

    private static long engine;

    private OneDnn() {}

    /**
     * Loads the library once a process; nothing else here may be called before.
     *
     * @throws UserException if it cannot be loaded
     */
    static synchronized void load() {
        if (engine != 0) {
            return;
        }
        try {
            NativeLibrary last = null;
            for (String file : FILES) {
                last = NativeLibrary.getInstance(extracted(file).getPath());
            }
            Native.register(OneDnn.class, last);
            OpenMp.bind(last);
        } catch (IOException | UnsatisfiedLinkError e) {
            throw new UserException(
                    "Cannot compute in bfloat16 on the processor: expected oneDNN in the distribution, found that it cannot be loaded ("
                            + e.getMessage() + "). Use device.precision = float32, or build the distribution again.",
                    e);
        }
        long[] created = new long[1];
        check(dnnl_engine_create(created, PROCESSOR, 0), "make an engine");
        engine = created[0];
    }

    /** A resource as a file that other processes share. */
    private static File extracted(String file) throws IOException {
        URL resource = OneDnn.class.getResource(file);
        if (resource == null) {
            throw new IOException(file + " is not on the class path");
        }
        return Loader.cacheResource(resource);
    }

    /** The unit that the processor has and the library would use; empty where there is none. */
    static Optional<MatrixUnit> unit() {
        load();
        int isa = dnnl_get_effective_cpu_isa();
        if ((isa & ISA_AMX) == ISA_AMX) {
            return Optional.of(MatrixUnit.AMX);
        }
        return (isa & ISA_AVX512_BF16) == ISA_AVX512_BF16 ? Optional.of(MatrixUnit.AVX512_BF16) : Optional.empty();
    }

    /** The processor, for all threads. */
    static long engine() {
        return engine;
    }

    /** A queue of work for one thread. */
    static long newStream() {
        long[] stream = new long[1];
        check(dnnl_stream_create(stream, engine, IN_ORDER), "make a stream");
        return stream[0];
    }

    /**
     * Makes something that will compute on the thread that calls it, alone. The number of OpenMP's threads belongs to
     * the calling thread and to whatever else computes on it, so it is put back.
     */
    static <T> T forOneThread(Supplier<T> made) {
        int before = OpenMp.omp_get_max_threads();
        OpenMp.omp_set_num_threads(1);
        try {
            return made.get();
        } finally {
            OpenMp.omp_set_num_threads(before);
        }
    }

    /**
     * The OpenMP that the library uses. A process may have several copies; the one that other libraries see comes
     * first, as the linker looks for it.
     */
    private static final class OpenMp {
        static void bind(NativeLibrary oneDnn) {
            NativeLibrary seen = NativeLibrary.getProcess();
            try {
                seen.getFunction("omp_set_num_threads");
            } catch (UnsatisfiedLinkError e) {
                seen = oneDnn;
            }
            Native.register(OpenMp.class, seen);
        }

        static native int omp_get_max_threads();

        static native void omp_set_num_threads(int threads);
    }

    /** What becomes of a product p: alpha p + beta times what the target held. */
    static long newAttributes(float alpha, float beta) {
        long[] attributes = new long[1];
        check(dnnl_primitive_attr_create(attributes), "make attributes");
        if (alpha != 1 || beta != 0) {
            long[] steps = new long[1];
            check(dnnl_post_ops_create(steps), "make attributes");
            if (alpha != 1) {
                check(dnnl_post_ops_append_eltwise(steps[0], LINEAR, alpha, 0), "scale a product");
            }
            if (beta != 0) {
                check(dnnl_post_ops_append_sum(steps[0], beta, 0, 0), "add to a product");
            }
            check(dnnl_primitive_attr_set_post_ops(attributes[0], steps[0]), "set attributes");
            dnnl_post_ops_destroy(steps[0]);
        }
        return attributes[0];
    }

    /** A matrix of [rows, columns] whose elements lie at the given distances. */
    static long newMatrix(int type, long rows, long columns, long rowStride, long columnStride) {
        long[] matrix = new long[1];
        check(
                dnnl_memory_desc_create_with_strides(
                        matrix, 2, new long[] {rows, columns}, type, new long[] {rowStride, columnStride}),
                "describe a matrix");
        return matrix[0];
    }

    /** @throws IllegalStateException unless the status is that of success */
    static void check(int status, String what) {
        if (status != 0) {
            throw new IllegalStateException("Cannot " + what + ": expected status 0 of oneDNN, found " + status);
        }
    }

    private static native int dnnl_get_effective_cpu_isa();

    private static native int dnnl_engine_create(long[] engine, int kind, long index);

    private static native int dnnl_stream_create(long[] stream, long engine, int flags);

    static native int dnnl_stream_destroy(long stream);

    private static native int dnnl_memory_desc_create_with_strides(
            long[] descriptor, int dimensions, long[] extents, int type, long[] strides);

    static native int dnnl_memory_desc_destroy(long descriptor);

    static native int dnnl_memory_create(long[] memory, long descriptor, long engine, long address);

    static native int dnnl_memory_destroy(long memory);

    static native int dnnl_memory_set_data_handle(long memory, long address);

    private static native int dnnl_primitive_attr_create(long[] attributes);

    static native int dnnl_primitive_attr_destroy(long attributes);

    private static native int dnnl_primitive_attr_set_post_ops(long attributes, long steps);

    private static native int dnnl_post_ops_create(long[] steps);

    private static native int dnnl_post_ops_destroy(long steps);

    private static native int dnnl_post_ops_append_sum(long steps, float scale, int zeroPoint, int type);

    private static native int dnnl_post_ops_append_eltwise(long steps, int algorithm, float alpha, float beta);

    static native int dnnl_matmul_primitive_desc_create(
            long[] descriptor, long engine, long a, long b, long bias, long c, long attributes);

    static native int dnnl_primitive_desc_destroy(long descriptor);

    static native int dnnl_primitive_create(long[] primitive, long descriptor);

    static native int dnnl_primitive_destroy(long primitive);

    static native int dnnl_primitive_execute(long primitive, long stream, int count, long arguments);
}
