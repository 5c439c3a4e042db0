package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.seqpe.core.random.RandomStream;

/**
 * One kernel of one device at one shape: makes inputs from a seed of its own, compares results, and names all three in
 * failures.
 *
 * <p>Errors are relative to the largest magnitude of the expected array. Float32 rounds by 6e-8; a sum of 513 products
 * in any order is then off by about 1.4e-6 (513^0.5 roundings), and the functions of such sums by a few times that. A
 * term that is missing or wrong shows above 1e-3 in these inputs. Where values of order one cancel and leave something
 * small, or 0, their rounding is still there: magnitudes below {@link #CANCELLED} count as that much, unless the probe
 * is {@link #relative}.
 */
final class Probe {
    static final double TOLERANCE = 1e-5;
    private static final double CANCELLED = 0.1;
    /** Stands beside every result, and must still stand there afterwards. */
    static final float SENTINEL = 777;

    private static final double STEP = 1e-4;
    private static final int ALL = 40;
    private static final int SAMPLED = 6;
    private static final int DIRECTIONS = 2;

    final Device device;
    final RandomStream random;
    private final String where;
    private double smallest = CANCELLED;

    Probe(Device device, String kernel, Object... shape) {
        String name = kernel + " " + Arrays.deepToString(shape);
        this.device = device;
        this.where = device.name() + " " + name;
        this.random = RandomStream.of(2506, name.hashCode());
    }

    /** For results in which nothing cancels: errors are relative however small the values are. */
    Probe relative() {
        smallest = Double.MIN_NORMAL;
        return this;
    }

    /** Standard normal values, rounded to float32 so that kernel and loop start from the same numbers. */
    double[] normal(int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    int[] numbers(int count, int bound) {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(bound);
        }
        return values;
    }

    Tensor tensor(double[] values, long... shape) {
        Tensor tensor = device.allocate(shape);
        tensor.upload(floats(values));
        return tensor;
    }

    /** A tensor full of NaN: what a kernel overwrites must not be read, and nothing of it may be left. */
    Tensor poisoned(long... shape) {
        Tensor tensor = device.allocate(shape);
        float[] values = new float[(int) tensor.size()];
        Arrays.fill(values, Float.NaN);
        tensor.upload(values);
        return tensor;
    }

    Ints ints(int... values) {
        Ints ints = device.allocateInts(values.length);
        ints.upload(values);
        return ints;
    }

    static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    static double[] doubles(Tensor tensor) {
        float[] floats = tensor.toArray();
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    static double[] sum(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    static double[] difference(double[] a, double[] b) {
        double[] difference = a.clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= b[i];
        }
        return difference;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    void close(String what, Tensor actual, double[] expected) {
        close(what, doubles(actual), expected);
    }

    void close(String what, double[] actual, double[] expected) {
        double largest = largest(expected);
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * largest)) {
                throw new AssertionError(
                        where + ": " + what + " element " + i + " of " + expected.length + ": expected " + expected[i]
                                + ", found " + actual[i] + "; largest expected magnitude " + largest);
            }
        }
    }

    private double largest(double[] values) {
        return Math.max(smallest, Arrays.stream(values).map(Math::abs).max().orElse(0));
    }

    /**
     * Compares a kernel's gradient with central differences of a double-precision loss: every element of a small array;
     * of a large one some elements, and the derivative in random directions, which all elements enter.
     *
     * @param x the array that the loss reads, changed and restored
     * @param actual the gradient found by the kernel
     */
    void gradient(String what, double[] x, DoubleSupplier loss, double[] actual) {
        double largest = largest(actual);
        for (double value : actual) {
            if (Double.isNaN(value)) {
                throw new AssertionError(where + ": " + what + " holds NaN");
            }
        }
        int checked = x.length <= ALL ? x.length : SAMPLED;
        for (int n = 0; n < checked; n++) {
            int i = x.length <= ALL ? n : random.nextInt(x.length);
            double[] direction = new double[x.length];
            direction[i] = 1;
            derivative(what + " element " + i, x, loss, direction, actual[i], largest);
        }
        for (int n = 0; n < DIRECTIONS && x.length > ALL; n++) {
            double[] direction = normal(x.length);
            // A random direction adds the errors of all elements up as a random walk does.
            derivative(
                    what + " along a random direction",
                    x,
                    loss,
                    direction,
                    dot(direction, actual),
                    largest * Math.sqrt(x.length));
        }
    }

    private void derivative(
            String what, double[] x, DoubleSupplier loss, double[] direction, double actual, double largest) {
        double[] original = x.clone();
        double step = STEP / Math.max(1, Math.sqrt(dot(direction, direction) / 10));
        move(x, original, direction, step);
        double above = loss.getAsDouble();
        move(x, original, direction, -step);
        double below = loss.getAsDouble();
        System.arraycopy(original, 0, x, 0, x.length);
        double expected = (above - below) / (2 * step);
        if (!(Math.abs(actual - expected) <= TOLERANCE * Math.max(largest, Math.abs(expected)))) {
            throw new AssertionError(where + ": " + what + ": expected the derivative " + expected + ", found " + actual
                    + "; largest magnitude " + largest);
        }
    }

    private static void move(double[] x, double[] from, double[] direction, double step) {
        for (int i = 0; i < x.length; i++) {
            x[i] = from[i] + step * direction[i];
        }
    }

    @Override
    public String toString() {
        return where;
    }

    /** Asserts that the kernel refuses its arguments. */
    static void refuses(String what, Runnable kernel) {
        assertThatThrownBy(kernel::run)
                .as(what)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Cannot ");
    }

    /** The sum of squares, read at once. */
    static double sumOfSquares(Device device, Tensor x) {
        Doubles sums = device.allocateDoubles(1);
        device.sumOfSquares(x, sums, 0);
        return sums.toArray()[0];
    }
}
