package org.seqpe.compute.cuda.driver;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.seqpe.core.UserException;

/**
 * cuBLASLt, which computes matrix products: the functions of its C interface that a device uses. Descriptors are made
 * by the library itself, because their sizes differ between versions. Each function returns 0, or an error that
 * {@link #describe} names.
 */
public final class CublasLt {
    /** Names the library, or a folder with it, for machines where it is in none of the usual places. */
    public static final String LIBRARY_PROPERTY = "seqpe.cuda.cublaslt";

    public static final String LIBRARY_VARIABLE = "SEQPE_CUBLASLT";

    /** The newest first. */
    private static final List<String> NAMES = List.of("libcublasLt.so.13", "libcublasLt.so.12");
    /** Patterns of a toolkit's folders and of a Python installation's packages. */
    private static final List<String> FOLDERS = List.of(
            "/usr/local/cuda/lib64",
            "/usr/local/cuda/targets/x86_64-linux/lib",
            "/opt/cuda/lib64",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib64");

    private static final List<String> PYTHON_ROOTS = List.of(
            "/usr/local/lib",
            "/usr/lib",
            "/opt/conda/lib",
            "/opt/venv/lib",
            System.getProperty("user.home") + "/.local/lib");
    private static final List<String> PYTHON_FOLDERS = List.of(
            "site-packages/nvidia/cu13/lib",
            "dist-packages/nvidia/cu13/lib",
            "site-packages/nvidia/cublas/lib",
            "dist-packages/nvidia/cublas/lib");

    private static String library;

    private CublasLt() {}

    /**
     * Binds the functions; nothing else here may be called before.
     *
     * @return what was found, a name or a path
     * @throws UserException if no library is found, or if it lacks a function
     */
    public static synchronized String bind() {
        if (library == null) {
            String found = find();
            try {
                Native.register(CublasLt.class, NativeLibrary.getInstance(found));
            } catch (UnsatisfiedLinkError e) {
                throw new UserException(
                        "expected cuBLASLt of CUDA 12.6 or newer, found " + found + ", which cannot be used ("
                                + e.getMessage() + "); install a newer one",
                        e);
            }
            library = found;
        }
        return library;
    }

    private static String find() {
        String named = System.getProperty(LIBRARY_PROPERTY, System.getenv(LIBRARY_VARIABLE));
        for (String candidate : named == null ? candidates() : named(Path.of(named))) {
            if (DriverApi.loads(candidate)) {
                return candidate;
            }
        }
        throw new UserException("expected cuBLASLt (" + String.join(" or ", NAMES) + "), found none "
                + (named == null ? "in LD_LIBRARY_PATH, a CUDA toolkit or a Python installation" : "at " + named)
                + "; install CUDA's cuBLAS (a toolkit of 12.6 or newer, or the Python package nvidia-cublas) and set "
                + LIBRARY_VARIABLE + " to its folder");
    }

    private static List<String> named(Path path) {
        return Files.isDirectory(path)
                ? NAMES.stream().map(name -> path.resolve(name).toString()).toList()
                : List.of(path.toString());
    }

    private static List<String> candidates() {
        List<String> candidates = new ArrayList<>(NAMES);
        List<Path> folders = new ArrayList<>(FOLDERS.stream().map(Path::of).toList());
        for (String root : PYTHON_ROOTS) {
            try (DirectoryStream<Path> versions = Files.newDirectoryStream(Path.of(root), "python3*")) {
                for (Path version : versions) {
                    PYTHON_FOLDERS.forEach(folder -> folders.add(version.resolve(folder)));
                }
            } catch (IOException e) {
                continue; // There is no such folder, or this user may not read it.
            }
        }
        for (String name : NAMES) {
            folders.stream()
                    .map(folder -> folder.resolve(name))
                    .filter(Files::exists)
                    .forEach(file -> candidates.add(file.toString()));
        }
        return candidates;
    }

    /** The library's name of a status. */
    public static String describe(int status) {
        Pointer text = cublasLtGetStatusString(status);
        return text == null ? "error " + status : text.getString(0) + " (" + status + ")";
    }

    public static native long cublasLtGetVersion();

    static native Pointer cublasLtGetStatusString(int status);

    public static native int cublasLtCreate(long[] handle);

    public static native int cublasLtDestroy(long handle);

    public static native int cublasLtMatmulDescCreate(long[] descriptor, int computeType, int scaleType);

    public static native int cublasLtMatmulDescDestroy(long descriptor);

    public static native int cublasLtMatmulDescSetAttribute(long descriptor, int attribute, long value, long bytes);

    public static native int cublasLtMatrixLayoutCreate(long[] layout, int type, long rows, long columns, long leading);

    public static native int cublasLtMatrixLayoutDestroy(long layout);

    public static native int cublasLtMatrixLayoutSetAttribute(long layout, int attribute, long value, long bytes);

    public static native int cublasLtMatmulPreferenceCreate(long[] preference);

    public static native int cublasLtMatmulPreferenceDestroy(long preference);

    public static native int cublasLtMatmulPreferenceSetAttribute(
            long preference, int attribute, long value, long bytes);

    public static native int cublasLtMatmulAlgoGetHeuristic(
            long handle,
            long descriptor,
            long layoutA,
            long layoutB,
            long layoutC,
            long layoutD,
            long preference,
            int requested,
            long results,
            int[] returned);

    public static native int cublasLtMatmul(
            long handle,
            long descriptor,
            long alpha,
            long a,
            long layoutA,
            long b,
            long layoutB,
            long beta,
            long c,
            long layoutC,
            long d,
            long layoutD,
            long algorithm,
            long workspace,
            long workspaceBytes,
            long stream);
}
