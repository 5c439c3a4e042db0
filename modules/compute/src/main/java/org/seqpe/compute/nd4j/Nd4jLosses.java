package org.seqpe.compute.nd4j;

import static org.seqpe.compute.nd4j.Nd4jMatrices.column;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.seqpe.compute.Device;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;

/** The losses of {@link Device} on INDArrays. */
final class Nd4jLosses {
    private Nd4jLosses() {}

    static void crossEntropy(
            INDArray padded,
            int classes,
            Ints labels,
            double scale,
            double smoothing,
            boolean gradient,
            double factor,
            Tensor loss) {
        int rows = labels.length();
        INDArray logits = padded.get(NDArrayIndex.all(), NDArrayIndex.interval(0, classes));
        INDArray logProbabilities = logSoftmax(logits, scale);
        INDArray means = logProbabilities.mean(1);
        float[] losses = new float[rows];
        for (int i = 0; i < rows; i++) {
            if (labels.get(i) >= 0) {
                losses[i] = (float) -((1 - smoothing) * logProbabilities.getDouble(i, labels.get(i))
                        + smoothing * means.getDouble(i));
            }
        }
        loss.upload(losses);
        if (!gradient) {
            return;
        }
        if (classes < padded.columns()) {
            padded.get(NDArrayIndex.all(), NDArrayIndex.interval(classes, padded.columns()))
                    .assign(0);
        }
        // With respect to the scaled logits: softmax - target, where the target is (1-s) on the label plus s/V
        // everywhere.
        INDArray difference = Transforms.exp(logProbabilities, false).subi(smoothing / classes);
        float[] counted = new float[rows];
        for (int i = 0; i < rows; i++) {
            if (labels.get(i) >= 0) {
                difference.putScalar(i, labels.get(i), difference.getDouble(i, labels.get(i)) - (1 - smoothing));
                counted[i] = 1;
            }
        }
        logits.assign(difference.muli(factor * scale).muliColumnVector(column(Nd4j.createFromArray(counted))));
    }

    static void divergence(
            INDArray teacher, INDArray student, double scale, boolean kl, double beta, double factor, INDArray loss) {
        INDArray a = logSoftmax(teacher, scale);
        INDArray s = logSoftmax(student, scale);
        INDArray difference = a.sub(s);
        INDArray expA = Transforms.exp(a, true);
        INDArray expS = Transforms.exp(s, true);
        INDArray slope = kl ? expA.sub(expS) : difference;
        loss.assign(slope.mul(difference).sum(1));
        teacher.assign(throughLogSoftmax(slope(a, s, expA, expS, kl), expA).muli(factor * (1 - beta) * scale));
        student.assign(throughLogSoftmax(slope(s, a, expS, expA, kl), expS).muli(factor * beta * scale));
    }

    /** The derivative of the loss with respect to the log-probabilities of one side, which enter it alike. */
    private static INDArray slope(INDArray own, INDArray other, INDArray ownExp, INDArray otherExp, boolean kl) {
        INDArray difference = own.sub(other);
        return kl ? difference.addi(1).muli(ownExp).subi(otherExp) : difference.muli(2);
    }

    /** The backward of log softmax: g - p * sum(g). */
    private static INDArray throughLogSoftmax(INDArray g, INDArray probabilities) {
        return g.sub(probabilities.mulColumnVector(column(g.sum(1))));
    }

    private static INDArray logSoftmax(INDArray logits, double scale) {
        INDArray shifted = logits.mul(scale);
        shifted.subiColumnVector(column(shifted.max(1)));
        return shifted.subiColumnVector(
                column(Transforms.log(Transforms.exp(shifted, true).sum(1), false)));
    }
}
