package org.seqpe.model;

import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.config.OptimizerConfig;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.core.random.RandomStream;

/** Small models of every encoding. */
public final class ModelFixtures {
    /** V of the small models. */
    public static final int VOCABULARY = 37;
    /** T of the small models. */
    public static final int LENGTH = 9;

    private ModelFixtures() {}

    /** Two layers, three heads of width 4. */
    public static ModelConfig model(Encoding encoding, Apply apply, Projection projection, double dropout) {
        SeqPeConfig seqpe = new SeqPeConfig(
                apply,
                projection,
                true,
                1,
                0,
                0,
                2,
                SeqPeConfig.Direction.CAUSAL,
                true,
                false,
                true,
                true,
                true,
                1,
                1,
                dropout,
                dropout,
                1,
                true);
        PositionConfig position = new PositionConfig(
                encoding,
                500,
                10000,
                PositionConfig.AlibiScaling.PUBLISHED,
                0,
                PositionConfig.MixedTable.PUBLISHED,
                seqpe);
        return new ModelConfig(
                VOCABULARY, 12, 2, 3, 0, dropout, 1e-5, 0.2, true, ModelConfig.Activation.GELU_TANH, 0, position);
    }

    /** Both position losses and shifts, small. */
    public static ObjectiveConfig objective() {
        return new ObjectiveConfig(
                new ObjectiveConfig.Contrastive(0.1, 4, 6, 16, 0.25, 0, 0.4),
                new ObjectiveConfig.Transfer(0.1, 3, 4, 0.8, ObjectiveConfig.Transfer.Metric.KL, 1, true),
                new ObjectiveConfig.Shift(0.4, 2, 20));
    }

    /** A rate that moves parameters visibly. */
    public static OptimizerConfig optimizer() {
        return new OptimizerConfig(
                1e-2,
                0.9,
                0.999,
                1e-8,
                0.1,
                0.05,
                false,
                1,
                1,
                new OptimizerConfig.Schedule(OptimizerConfig.Schedule.Shape.COSINE, 2, 0.1));
    }

    /** Random ids below {@link #VOCABULARY}. */
    public static int[] tokens(long seed, int count) {
        RandomStream random = new RandomStream(seed);
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = random.nextInt(VOCABULARY);
        }
        return tokens;
    }
}
