package org.seqpe.core.config;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** The conditions that record constructors check. Each throws a {@link ConfigProblem} if it does not hold. */
final class Checks {
    private Checks() {}

    static void require(boolean holds, String problem, String... keys) {
        if (!holds) {
            throw new ConfigProblem(problem, List.of(keys));
        }
    }

    static void atLeast(String key, long value, long least) {
        require(value >= least, "expected at least " + least + ", found " + value, key);
    }

    /** Checks numbers whose product is the number of elements of an array. */
    static void countable(String what, int[] factors, String... keys) {
        BigInteger product =
                Arrays.stream(factors).mapToObj(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);
        require(
                product.bitLength() < Integer.SIZE,
                "expected at most " + Integer.MAX_VALUE + " " + what + ", found " + product + "; lower one of them",
                keys);
    }

    static void positive(String key, double value) {
        require(value > 0 && Double.isFinite(value), "expected a number above 0, found " + value, key);
    }

    static void notNegative(String key, double value) {
        require(value >= 0 && Double.isFinite(value), "expected a number of at least 0, found " + value, key);
    }

    static void notNegative(String key, Duration value) {
        require(!value.isNegative(), "expected a time of at least 0, found " + value.toSeconds() + "s", key);
    }

    /** Checks a dropout rate or moment decay: [0, 1). */
    static void belowOne(String key, double value) {
        require(value >= 0 && value < 1, "expected a number from 0 to below 1, found " + value, key);
    }

    /** Checks a probability or share: [0, 1]. */
    static void share(String key, double value) {
        require(value >= 0 && value <= 1, "expected a number from 0 to 1, found " + value, key);
    }

    /** Checks the steps at which the entries of a schedule take effect: they must ascend. */
    static void ascending(String key, List<Integer> steps) {
        for (int i = 1; i < steps.size(); i++) {
            require(
                    steps.get(i) > steps.get(i - 1),
                    "expected entries in the order of from-step, found " + steps.get(i) + " after " + steps.get(i - 1),
                    key);
        }
    }

    static void notBlank(String key, String value, String remedy) {
        require(value != null && !value.isBlank(), "expected a text, found none; " + remedy, key);
    }
}
