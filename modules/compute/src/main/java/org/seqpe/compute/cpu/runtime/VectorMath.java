package org.seqpe.compute.cpu.runtime;

import static jdk.incubator.vector.FloatVector.broadcast;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions of vectors. The methods are small so that the compiler always inlines them: a vector that
 * crosses a call is an object on the heap.
 */
public final class VectorMath {
    private static final float LOG2_E = 1.44269504f;
    // ln 2 in two parts; the first has few bits, so that its product with an exponent is exact.
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /** Adding 1.5 * 2^23 leaves a float's integer part in the low bits of its significand. */
    private static final float ROUND = 12582912f;
    /** Here the rounded exponent is -127, whose bit pattern makes the scale 0; less would wrap. */
    private static final float LOWEST = -88.02f;

    private static final float HIGHEST = 88.9f;
    private static final float SQRT_2_OVER_PI = 0.7978845608f;
    private static final float CUBIC = 0.044715f;
    private static final float SQRT_HALF = 0.7071067812f;
    private static final float INVERSE_SQRT_2PI = 0.3989422804f;

    private VectorMath() {}

    /**
     * e^x, to about 1 unit in the last place; 0 below -87.7 (where e^x leaves the normal numbers), infinity above
     * 88.37. The polynomial for |r| &lt; ln(2)/2 is that of the Cephes library's expf (S. Moshier).
     */
    public static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.blend(LOWEST, x.lt(LOWEST));
        bounded = bounded.blend(HIGHEST, bounded.compare(VectorOperators.GT, HIGHEST));
        FloatVector shifted = bounded.fma(broadcast(FLOATS, LOG2_E), broadcast(FLOATS, ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(broadcast(FLOATS, -LN2_HIGH), bounded);
        r = n.fma(broadcast(FLOATS, -LN2_LOW), r);
        FloatVector p = r.fma(broadcast(FLOATS, 1.9875691500e-4f), broadcast(FLOATS, 1.3981999507e-3f));
        p = p.fma(r, broadcast(FLOATS, 8.3334519073e-3f));
        p = p.fma(r, broadcast(FLOATS, 4.1665795894e-2f));
        p = p.fma(r, broadcast(FLOATS, 1.6666665459e-1f));
        p = p.fma(r, broadcast(FLOATS, 5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1f);
        return p.mul(shifted.reinterpretAsInts()
                .add(127)
                .lanewise(VectorOperators.LSHL, 23)
                .reinterpretAsFloats());
    }

    /**
     * The error function, as x P(x^2) / Q(x^2) on [-4, 4] (the float rational approximation of the Eigen library);
     * beyond, it is 1 in single precision.
     */
    public static FloatVector erf(FloatVector x) {
        FloatVector bounded = x.blend(-4f, x.lt(-4f));
        bounded = bounded.blend(4f, bounded.compare(VectorOperators.GT, 4f));
        FloatVector square = bounded.mul(bounded);
        FloatVector p = square.fma(broadcast(FLOATS, -2.72614225801306e-10f), broadcast(FLOATS, 2.77068142495902e-08f));
        p = p.fma(square, broadcast(FLOATS, -2.10102402082508e-06f));
        p = p.fma(square, broadcast(FLOATS, -5.69250639462346e-05f));
        p = p.fma(square, broadcast(FLOATS, -7.34990630326855e-04f));
        p = p.fma(square, broadcast(FLOATS, -2.95459980854025e-03f));
        p = p.fma(square, broadcast(FLOATS, -1.60960333262415e-02f));
        FloatVector q =
                square.fma(broadcast(FLOATS, -1.45660718464996e-05f), broadcast(FLOATS, -2.13374055278905e-04f));
        q = q.fma(square, broadcast(FLOATS, -1.68282697438203e-03f));
        q = q.fma(square, broadcast(FLOATS, -7.37332916720468e-03f));
        q = q.fma(square, broadcast(FLOATS, -1.42647390514189e-02f));
        return bounded.mul(p).div(q);
    }

    /**
     * The factor of x in gelu's tanh form, 0.5 (1 + tanh u) = 1 / (1 + e^-2u) with u = sqrt(2/pi) (x + 0.044715 x^3).
     */
    public static FloatVector tanhGate(FloatVector x) {
        FloatVector slope =
                x.mul(x).fma(broadcast(FLOATS, -2 * CUBIC * SQRT_2_OVER_PI), broadcast(FLOATS, -2 * SQRT_2_OVER_PI));
        return broadcast(FLOATS, 1f).div(exp(x.mul(slope)).add(1f));
    }

    /** The derivative of gelu's tanh form from x and {@link #tanhGate}: gate + x gate (1 - gate) d(2u)/dx. */
    public static FloatVector tanhSlope(FloatVector x, FloatVector gate) {
        FloatVector slope =
                x.mul(x).fma(broadcast(FLOATS, 6 * CUBIC * SQRT_2_OVER_PI), broadcast(FLOATS, 2 * SQRT_2_OVER_PI));
        return x.mul(slope).mul(gate.sub(gate.mul(gate))).add(gate);
    }

    /** The factor of x in gelu's exact form: the normal distribution function. */
    public static FloatVector normalCdf(FloatVector x) {
        return erf(x.mul(SQRT_HALF)).add(1f).mul(0.5f);
    }

    /** The normal density. */
    public static FloatVector normalDensity(FloatVector x) {
        return exp(x.mul(x).mul(-0.5f)).mul(INVERSE_SQRT_2PI);
    }
}
