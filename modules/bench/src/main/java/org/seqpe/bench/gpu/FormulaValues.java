package org.seqpe.bench.gpu;

import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.seqpe.bench.Batch;
import org.seqpe.bench.SeqPeSide;
import org.seqpe.bench.TextWorkload;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.params.ParameterLayout;

/**
 * Starting values and tokens by a formula that peer.py has too, so that both sides of the comparison train the same
 * model on the same tokens without a file between them: SplitMix64's mixing of a number, at a place in a stream.
 */
final class FormulaValues implements SeqPeSide.StartingValues {
    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1p-24;
    private static final double ROOT_OF_3 = Math.sqrt(3);
    private static final int CHUNK = 1 << 16;

    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    /** 64 bits of a stream. */
    static long bits(long stream, long index) {
        return mix(mix(stream) + index * STEP);
    }

    /**
     * Values of a uniform distribution with the array's mean and standard deviation; its stream is its name's hash.
     *
     * @throws IllegalArgumentException if the array begins neither with one number nor with a normal distribution
     */
    @Override
    public float[] of(ParameterLayout.Entry entry) {
        DoubleSupplier draws = entry.initial().draw(RandomStream.of(1));
        double first = draws.getAsDouble();
        double second = draws.getAsDouble();
        boolean constant = first == second;
        // A normal distribution's draws are those of a standard one, multiplied by the deviation.
        RandomStream standard = RandomStream.of(1);
        double std = first / standard.nextGaussian();
        if (!constant && Math.abs(second / standard.nextGaussian() - std) > 1e-9 * std) {
            throw new IllegalArgumentException("Cannot make values of " + entry.name()
                    + ": expected a constant or a normal distribution, found another one");
        }
        return values(entry.name(), Math.toIntExact(entry.size()), constant ? first : 0, constant ? 0 : std);
    }

    static float[] values(String name, int size, double start, double std) {
        float[] values = new float[size];
        IntStream.range(0, (size + CHUNK - 1) / CHUNK).parallel().forEach(chunk -> {
            for (int i = chunk * CHUNK; i < Math.min(size, (chunk + 1) * CHUNK); i++) {
                double unit = (bits(name.hashCode(), i) >>> 40) * UNIT;
                values[i] = (float) (start + std * ROOT_OF_3 * (2 * unit - 1));
            }
        });
        return values;
    }

    /** Tokens of a batch, each followed by its target; the stream is the batch's number. */
    static Batch.Tokens batch(TextWorkload workload, int number) {
        int length = workload.length();
        int[] tokens = new int[workload.batch() * length];
        int[] targets = new int[tokens.length];
        for (int b = 0; b < workload.batch(); b++) {
            for (int t = 0; t < length; t++) {
                long index = (long) b * (length + 1) + t;
                tokens[b * length + t] = token(number, index, workload.vocabulary());
                targets[b * length + t] = token(number, index + 1, workload.vocabulary());
            }
        }
        return new Batch.Tokens(tokens, targets);
    }

    private static int token(int number, long index, int vocabulary) {
        return (int) ((bits(number, index) >>> 1) % vocabulary);
    }
}
