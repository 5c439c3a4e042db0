package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireFloat32;
import static org.seqpe.compute.cuda.kernel.KernelNames.requireSame;
import static org.seqpe.compute.cuda.kernel.KernelNames.type;
import static org.seqpe.compute.cuda.kernel.KernelNames.types;

import org.seqpe.compute.Gelu;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.Launch;

/** Passes over all elements of tensors (elementwise.cuh). */
public final class ElementwiseKernels {
    private final CudaRuntime runtime;

    public ElementwiseKernels(CudaRuntime runtime) {
        this.runtime = runtime;
    }

    private static void run(Launch launch, Tensor x) {
        launch.run(Grids.ceil(Grids.ceil(x.size(), Grids.VECTOR), Grids.THREADS), Grids.THREADS, 0);
    }

    public void fill(Tensor x, float value) {
        run(
                runtime.kernel("fill_" + type(x))
                        .address(runtime.address(x))
                        .count(x.size())
                        .real(value),
                x);
    }

    /** Copies, and rounds where the target has the lower precision. */
    public void copy(Tensor source, Tensor target) {
        long from = runtime.address(source);
        long to = runtime.address(target);
        if (source.precision() == target.precision()) {
            runtime.copy(to, from, source.size() * source.precision().bytes());
        } else {
            String kernel = source.precision() == Precision.FLOAT32 ? "convert_f32_bf16" : "convert_bf16_f32";
            run(runtime.kernel(kernel).address(from).address(to).count(source.size()), source);
        }
    }

    public void axpy(float alpha, Tensor x, Tensor target) {
        requireSame("axpy", x, target);
        run(
                runtime.kernel("axpy_" + type(x))
                        .real(alpha)
                        .address(runtime.address(x))
                        .address(runtime.address(target))
                        .count(x.size()),
                x);
    }

    public void scale(Tensor x, float alpha) {
        scale(x, alpha, 0);
    }

    /** Multiplies by alpha and by the float32 number at an address on the device; 0 for none. */
    void scale(Tensor x, float alpha, long coefficient) {
        run(
                runtime.kernel("scale_" + type(x))
                        .address(runtime.address(x))
                        .count(x.size())
                        .real(alpha)
                        .address(coefficient),
                x);
    }

    public void add(Tensor a, Tensor b, Tensor out) {
        requireSame("add", a, out);
        run(
                runtime.kernel("add" + types(a, b))
                        .address(runtime.address(a))
                        .address(runtime.address(b))
                        .address(runtime.address(out))
                        .count(a.size()),
                a);
    }

    public void sinCos(Tensor angles, Tensor sin, Tensor cos) {
        requireFloat32("sinCos", angles, sin, cos);
        run(
                runtime.kernel("sinCos_")
                        .address(runtime.address(angles))
                        .address(runtime.address(sin))
                        .address(runtime.address(cos))
                        .count(angles.size()),
                angles);
    }

    /** The part of a kernel's name for a form of GELU. */
    static String form(Gelu form) {
        return form == Gelu.EXACT ? "Exact_" : "Tanh_";
    }

    public void gelu(Gelu form, Tensor x, Tensor out) {
        requireSame("gelu", x, out);
        run(
                runtime.kernel("gelu" + form(form) + type(x))
                        .address(runtime.address(x))
                        .address(runtime.address(out))
                        .count(x.size()),
                x);
    }

    public void geluBackward(Gelu form, Tensor x, Tensor dOut, Tensor dX) {
        requireSame("geluBackward", x, dOut, dX);
        run(
                runtime.kernel("geluBackward" + form(form) + type(x))
                        .address(runtime.address(x))
                        .address(runtime.address(dOut))
                        .address(runtime.address(dX))
                        .count(x.size()),
                x);
    }
}
