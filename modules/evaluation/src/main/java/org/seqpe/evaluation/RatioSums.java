package org.seqpe.evaluation;

import java.io.Serializable;
import java.math.BigDecimal;

/**
 * What the mean of losses and its interval are computed from, where losses come in units of different sizes: windows of
 * several tokens, or pictures of size 1. The mean is the ratio of two sums, the losses of all units and their sizes.
 *
 * <p>The sums are exact, so the results do not depend on the order of the units or on how they were split between those
 * who computed them.
 */
public final class RatioSums implements Serializable {
    private static final long serialVersionUID = 1L;

    private long units;
    private long size;
    private BigDecimal total = BigDecimal.ZERO;
    private BigDecimal squares = BigDecimal.ZERO;
    private BigDecimal products = BigDecimal.ZERO;
    private BigDecimal sizeSquares = BigDecimal.ZERO;

    /**
     * Adds a unit.
     *
     * @param loss of the whole unit, finite
     * @param unitSize what the loss is divided by, such as the number of predicted tokens; at least 1
     */
    public void add(double loss, long unitSize) {
        if (!Double.isFinite(loss) || unitSize < 1) {
            throw new IllegalArgumentException(
                    "Cannot add a unit: expected a finite loss and a size of at least 1, found " + loss + " and "
                            + unitSize);
        }
        BigDecimal y = new BigDecimal(loss);
        BigDecimal x = BigDecimal.valueOf(unitSize);
        units++;
        size += unitSize;
        total = total.add(y);
        squares = squares.add(y.multiply(y));
        products = products.add(x.multiply(y));
        sizeSquares = sizeSquares.add(x.multiply(x));
    }

    /** Adds the units of other sums. */
    public void merge(RatioSums other) {
        units += other.units;
        size += other.size;
        total = total.add(other.total);
        squares = squares.add(other.squares);
        products = products.add(other.products);
        sizeSquares = sizeSquares.add(other.sizeSquares);
    }

    /** Units that were added, n. */
    public long units() {
        return units;
    }

    /** Sum of their sizes. */
    public long size() {
        return size;
    }

    /** Sum of their losses. */
    public double total() {
        return total.doubleValue();
    }

    /** The ratio: the sum of the losses divided by that of the sizes. NaN without a unit. */
    public double mean() {
        return total() / size;
    }

    /**
     * Sum of the squares of the residuals y - R x, where y and x are the loss and the size of a unit, and R is the
     * ratio of their sums. Multiplied by the square of the summed sizes it is a whole expression of the sums, so
     * nothing cancels.
     */
    double residualSquares() {
        BigDecimal sizes = BigDecimal.valueOf(size);
        BigDecimal scaled = sizes.multiply(sizes)
                .multiply(squares)
                .subtract(sizes.multiply(total).multiply(products).multiply(BigDecimal.valueOf(2)))
                .add(total.multiply(total).multiply(sizeSquares));
        return scaled.doubleValue() / size / size;
    }
}
