package org.seqpe.compute.cuda.product;

import org.seqpe.compute.Gelu;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.kernel.ElementwiseKernels;
import org.seqpe.compute.cuda.kernel.RowKernels;

/** Products with what stands around them: biases, GELU, and matrices without elements. */
public final class Matrices {
    private final Products products;
    private final ElementwiseKernels elementwise;
    private final RowKernels rows;

    public Matrices(Products products, ElementwiseKernels elementwise, RowKernels rows) {
        this.products = products;
        this.elementwise = elementwise;
        this.rows = rows;
    }

    public void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta, Tensor c) {
        if (c.size() == 0) {
            return;
        }
        if (a.size() > 0) {
            products.matmul(a, transposeA, b, transposeB, alpha, beta, c);
        } else if (beta == 0) {
            elementwise.fill(c, 0);
        } else {
            elementwise.scale(c, beta);
        }
    }

    public void linear(Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor out) {
        boolean hasProduct = out.size() > 0 && x.size() > 0;
        if (bias != null && hasProduct && products.matmulWithBias(x, w, transposeW, bias, out)) {
            return;
        }
        matmul(x, false, w, transposeW, 1, 0, out);
        if (bias != null) {
            rows.addRows(out, bias, out);
        }
    }

    /** @param pre null in evaluation */
    public void linearGelu(Gelu form, Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor pre, Tensor out) {
        Tensor product = pre == null ? out : pre;
        matmul(x, false, w, transposeW, 1, 0, product);
        rows.biasGelu(form, product, bias, out);
    }

    public void linearBackward(
            Tensor dOut,
            Tensor x,
            Tensor w,
            boolean transposeW,
            Tensor dX,
            boolean accumulateX,
            Tensor dW,
            Tensor dBias) {
        if (dX != null) {
            matmul(dOut, false, w, !transposeW, 1, accumulateX ? 1 : 0, dX);
        }
        if (dW != null && transposeW) {
            matmul(dOut, true, x, false, 1, 1, dW);
        } else if (dW != null) {
            matmul(x, true, dOut, false, 1, 1, dW);
        }
        if (dBias != null) {
            rows.sumRows(dOut, dBias);
        }
    }
}
