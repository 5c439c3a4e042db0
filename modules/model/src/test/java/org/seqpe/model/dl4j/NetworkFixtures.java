package org.seqpe.model.dl4j;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.core.config.TaskKind;
import org.seqpe.model.ModelFixtures;

/** Small networks and the steps they are trained with. */
final class NetworkFixtures {
    /** B of the small networks. */
    static final int BATCH = 4;

    private NetworkFixtures() {}

    static LayerSettings settings(Encoding encoding, Apply apply, Projection projection, int steps) {
        return new LayerSettings(
                ModelFixtures.model(encoding, apply, projection, 0.1),
                ModelFixtures.objective(),
                ModelFixtures.optimizer(),
                TaskKind.LANGUAGE,
                ModelFixtures.LENGTH,
                null,
                null,
                BATCH,
                steps,
                42);
    }

    /** Trains the steps [from, to). */
    static void fit(MultiLayerNetwork network, int from, int to) {
        for (int step = from; step < to; step++) {
            network.fit(dataSet(step));
        }
    }

    /** The tokens of a step. */
    static DataSet dataSet(int step) {
        return new DataSet(array(100 + step), array(200 + step));
    }

    private static INDArray array(long seed) {
        int[] ids = ModelFixtures.tokens(seed, BATCH * ModelFixtures.LENGTH);
        float[] values = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            values[i] = ids[i];
        }
        return Nd4j.create(values, BATCH, ModelFixtures.LENGTH);
    }
}
