package org.seqpe.compute;

import java.util.Optional;

/**
 * Where tensors live and kernels run. Every kernel comes with its backward; the model is written against this interface
 * only.
 *
 * <p>Conventions of all kernels:
 *
 * <ul>
 *   <li>matrices are row-major; a tensor of more dimensions is read as the matrix [{@link Tensor#rows()},
 *       {@link Tensor#columns()}];
 *   <li>results are written over their target; arguments documented as "accumulated" are added to (parameter gradients
 *       always are);
 *   <li>a target may be one of the inputs only where that is said;
 *   <li>activations have the device's {@link #activationPrecision}, and the operands of products its
 *       {@link #precision}; tables, statistics, the residual stream, losses and gradients of parameters are float32.
 *       Where several meet, the kernel says so, and every kernel takes float32 for all its arguments;
 *   <li>a kernel may return before it has finished; {@link Tensor#download}, {@link Doubles#toArray} and
 *       {@link #synchronize} wait;
 *   <li>results do not depend on the number of threads, and repeat bitwise;
 *   <li>sizes that do not fit each other are an {@link IllegalArgumentException}.
 * </ul>
 */
public interface Device extends AutoCloseable {

    /** A short name for logs and messages, such as "cpu" or "nd4j". */
    String name();

    /**
     * Prepares the calling thread to use this device. A thread that did not make it calls this first; one thread at a
     * time may use a device.
     */
    default void attach() {}

    // ---------------------------------------------------------------- memory

    /** How this device stores what nothing but products reads: copies of weights, and some activations. */
    default Precision precision() {
        return Precision.FLOAT32;
    }

    /** How other activations are stored; a product converts them where that is another precision. */
    default Precision activationPrecision() {
        return precision();
    }

    /**
     * What computes products of a lower precision than float32, in the words of its makers, because different units add
     * in different orders; empty on a device of float32.
     */
    default String matrixUnit() {
        return "";
    }

    /**
     * A new tensor of zeros of float32 numbers. It lives until it is freed, the device is closed, or it becomes
     * unreachable.
     */
    Tensor allocate(long... shape);

    /**
     * A new tensor of zeros, as {@link #allocate(long...)}.
     *
     * @throws IllegalArgumentException if the device has no such precision
     */
    default Tensor allocate(Precision precision, long... shape) {
        if (precision != Precision.FLOAT32) {
            throw new IllegalArgumentException(
                    "Cannot allocate on " + name() + ": expected FLOAT32, found " + precision);
        }
        return allocate(shape);
    }

    /**
     * The row length of a matrix of this many columns with which products are fastest; what is behind the columns is
     * padding. A device that does not mind answers the columns themselves.
     */
    default int pitch(int columns) {
        return columns;
    }

    /**
     * How many rows at a time a large matrix should have that is made and consumed piece by piece: enough to keep the
     * device busy. A processor needs 512 for products to be fast, and at most 128 MiB of them.
     */
    default int pieceRows(int columns) {
        return Math.max(1, Math.min(512, (1 << 25) / columns));
    }

    /**
     * Gives a tensor's memory back at once: garbage collection comes late, because the heap hardly grows with tensors.
     * Neither it nor a view of it may be used afterwards.
     *
     * @throws IllegalArgumentException unless it is what {@link #allocate} returned
     */
    void free(Tensor tensor);

    /** A new integer array of length 0. */
    Ints allocateInts(int capacity);

    /** New results, all 0. */
    Doubles allocateDoubles(int capacity);

    /** Waits until every kernel that was asked for has finished; an error of one of them is thrown here. */
    void synchronize();

    /**
     * A tensor over a vector in host memory that another library owns. Devices that compute elsewhere cannot have one;
     * {@link org.seqpe.compute.Mirror} then keeps a copy.
     *
     * @return empty where this device cannot compute on that memory
     */
    Optional<Tensor> share(HostVector vector);

    /**
     * How the values of a vector that {@link #share} does not take come to this device. The link may keep the vector's
     * memory in a state that makes copies fast, as long as the link is reachable.
     */
    default HostLink link(HostVector vector) {
        return HostLink.throughHeap(vector);
    }

    /** Frees what the device holds; its tensors may not be used afterwards. */
    @Override
    void close();

    // ---------------------------------------------------------------- elementwise

    /** x = value. */
    void fill(Tensor x, float value);

    /** target = source, of the same size; rounded to the nearest where the target has the lower precision. */
    void copy(Tensor source, Tensor target);

    /** target += alpha * x, of the same size. */
    void axpy(float alpha, Tensor x, Tensor target);

    /** x *= alpha. */
    void scale(Tensor x, float alpha);

    /**
     * out = a + b, of the same size; out may be a or b. The residual connection.
     *
     * @param b of the precision of a and out, or of a lower one
     */
    void add(Tensor a, Tensor b, Tensor out);

    /**
     * out_i = gelu(x_i).
     *
     * @param out may be x
     */
    void gelu(Gelu form, Tensor x, Tensor out);

    /** dX_i = dOut_i * gelu'(x_i); dX may be dOut. */
    void geluBackward(Gelu form, Tensor x, Tensor dOut, Tensor dX);

    /**
     * out = x * mask / (1 - rate), mask of {@link Dropout} over x as a matrix; out may be x. Its backward is itself on
     * the gradient. out has the precision of x, or a lower one.
     */
    void dropout(Tensor x, float rate, long key, Tensor out);

    // ---------------------------------------------------------------- matrices

    /**
     * c = alpha * op(a) op(b) + beta * c, op being the transpose where asked for.
     *
     * @param a [M, K], or [K, M] with transposeA
     * @param b [K, N], or [N, K] with transposeB
     * @param c [M, N]; what it holds is not read when beta is 0
     */
    void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta, Tensor c);

    /**
     * {@code count} products c_i = alpha * op(a_i) op(b_i) + beta * c_i of small matrices that lie at fixed distances
     * in larger arrays, as BLAS's strided batches do. All strides and leading dimensions count elements.
     *
     * @param m rows of op(a) and c
     * @param n columns of op(b) and c
     * @param k columns of op(a), rows of op(b)
     */
    void matmulBatched(
            int count,
            int m,
            int n,
            int k,
            float alpha,
            Tensor a,
            int leadingA,
            long strideA,
            boolean transposeA,
            Tensor b,
            int leadingB,
            long strideB,
            boolean transposeB,
            float beta,
            Tensor c,
            int leadingC,
            long strideC);

    /**
     * out = x w + bias.
     *
     * @param x [N, K]
     * @param w [K, M], or [M, K] with transposeW (PyTorch's nn.Linear)
     * @param bias [M], of float32 or of the precision of out; or null
     * @param out [N, M]
     */
    void linear(Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor out);

    /**
     * pre = x w + bias, out = gelu(pre): the first half of an MLP in one pass.
     *
     * @param pre [N, M], kept for the backward pass; null in evaluation
     * @param out [N, M]
     */
    void linearGelu(Gelu form, Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor pre, Tensor out);

    /**
     * The gradients of {@link #linear}.
     *
     * @param dOut [N, M]
     * @param x [N, K]
     * @param dX [N, K], or null when not wanted; overwritten, or accumulated with accumulateX
     * @param dW the shape of w, accumulated; or null
     * @param dBias [M], accumulated; or null
     */
    void linearBackward(
            Tensor dOut,
            Tensor x,
            Tensor w,
            boolean transposeW,
            Tensor dX,
            boolean accumulateX,
            Tensor dW,
            Tensor dBias);

    // ---------------------------------------------------------------- layer norm

    /**
     * out = (x - mean) / sqrt(variance + epsilon) * weight + bias over each row; the variance is the biased one.
     *
     * @param x [N, C]
     * @param weight [C]
     * @param bias [C]
     * @param out [N, C]
     * @param mean [N], kept for the backward pass
     * @param rstd [N], 1/sqrt(variance + epsilon), kept for the backward pass
     */
    void layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor rstd);

    /**
     * The gradients of {@link #layerNorm}.
     *
     * @param dX [N, C], overwritten, or accumulated with accumulateX (the residual stream's gradient); may be dOut when
     *     overwritten
     * @param dWeight [C], accumulated; another tensor than dBias
     * @param dBias [C], accumulated
     */
    void layerNormBackward(
            Tensor dOut,
            Tensor x,
            Tensor weight,
            Tensor mean,
            Tensor rstd,
            Tensor dX,
            boolean accumulateX,
            Tensor dWeight,
            Tensor dBias);

    /**
     * The residual connection and the norm behind it: sum = residual + drop(delta), out = layer norm of sum.
     *
     * @param residual [N, C], float32
     * @param delta [N, C], what a branch adds; may be changed
     * @param rate of the branch's {@link #dropout}, 0 for none
     * @param sum [N, C], float32; may be residual
     * @param out [N, C]
     */
    default void addLayerNorm(
            Tensor residual,
            Tensor delta,
            float rate,
            long key,
            Tensor weight,
            Tensor bias,
            float epsilon,
            Tensor sum,
            Tensor out,
            Tensor mean,
            Tensor rstd) {
        if (rate > 0) {
            dropout(delta, rate, key, delta);
        }
        add(residual, delta, sum);
        layerNorm(sum, weight, bias, epsilon, out, mean, rstd);
    }

    /**
     * The gradients of {@link #addLayerNorm}: the norm's is added to dSum, which holds that of what else reads the sum,
     * and is then the residual's too.
     *
     * @param dDelta [N, C], overwritten; may be dOut
     * @return the gradient of delta: dDelta, or dSum where that is the same numbers
     */
    default Tensor addLayerNormBackward(
            Tensor dOut,
            Tensor sum,
            Tensor weight,
            Tensor mean,
            Tensor rstd,
            Tensor dSum,
            float rate,
            long key,
            Tensor dDelta,
            Tensor dWeight,
            Tensor dBias) {
        layerNormBackward(dOut, sum, weight, mean, rstd, dSum, true, dWeight, dBias);
        return branchGradient(dSum, rate, key, dDelta);
    }

    /**
     * The gradient of a branch whose result was dropped and added to the residual stream.
     *
     * @param dStream [N, C], float32
     * @param dBranch [N, C], overwritten
     * @return dBranch, or dStream where that is the same numbers
     */
    default Tensor branchGradient(Tensor dStream, float rate, long key, Tensor dBranch) {
        if (rate > 0) {
            dropout(dStream, rate, key, dBranch);
        } else if (dBranch.precision() == dStream.precision()) {
            return dStream;
        } else {
            copy(dStream, dBranch);
        }
        return dBranch;
    }

    // ---------------------------------------------------------------- rows

    /**
     * out row i = table row ids_i. Token, digit and slot embeddings, and gathering of rows.
     *
     * @param ids N row numbers
     * @param table [rows, C]
     * @param out [N, C]; overwritten, or accumulated with accumulate
     * @throws IndexOutOfBoundsException if an id is not a row of the table
     */
    void gather(Ints ids, Tensor table, Tensor out, boolean accumulate);

    /** dTable row ids_i += dOut row i, in the order of i: the backward of {@link #gather}. Equal ids add up. */
    void scatterAdd(Ints ids, Tensor dOut, Tensor dTable);

    /**
     * out = x + table, where row i of x meets row i % P of the table [P, C]: position vectors shared by the samples.
     * out may be x.
     */
    void addRows(Tensor x, Tensor table, Tensor out);

    /**
     * dTable row p += the sum of the rows i of dOut with i % P = p: the backward of {@link #addRows} and of a broadcast
     * row.
     */
    void sumRows(Tensor dOut, Tensor dTable);

    /**
     * out row i = x row i times the factor of its group: rows come in as many groups of equal size as there are
     * factors. Stochastic depth leaves out samples with it; its own backward.
     *
     * @param x [N, C]
     * @param factors [G], float32; G divides N
     * @param out [N, C]; may be x, or have a lower precision
     */
    void scaleRows(Tensor x, Tensor factors, Tensor out);

    // ---------------------------------------------------------------- attention and positions

    /**
     * sin_i and cos_i of angles, for {@link #rotary} with learned frequencies; all of the same size, in float32.
     *
     * @param angles in radians
     */
    void sinCos(Tensor angles, Tensor sin, Tensor cos);

    /**
     * Rotates the pairs (2i, 2i+1) of each head vector: (x0, x1) -> (x0 cos - x1 sin, x1 cos + x0 sin) (RoFormer, arXiv
     * 2104.09864).
     *
     * @param x N rows, row r turned by table row r % P
     * @param rows N
     * @param heads H
     * @param width D, even
     * @param sin [P, D/2], one angle for all heads, or [P, H*D/2], one for each
     * @param cos like sin
     * @param inverse turn back: the backward pass
     * @param out may be x
     */
    void rotary(Heads x, int rows, int heads, int width, Tensor sin, Tensor cos, boolean inverse, Heads out);

    /**
     * out = x * pe, elementwise per head; row r meets row r % P of pe.
     *
     * @param x N rows of H head vectors of D elements
     * @param pe P rows; a head stride of 0 shares one vector among the heads
     * @param out may be x
     */
    void multiplyHeads(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out);

    /** dX = dOut * pe (dX may be dOut) and dPe += dOut * x, summed over the rows and heads that share it. */
    void multiplyHeadsBackward(
            Heads dOut, Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads dX, Heads dPe);

    /** out = x + pe, elementwise per head; row r meets row r % P of pe; out may be x. */
    void addHeads(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out);

    /**
     * dPe += dOut, summed over the rows and heads that share it: the backward of {@link #addHeads} for pe; that for x
     * is dOut itself.
     */
    void addHeadsBackward(Heads dOut, int rows, int heads, int width, Heads dPe, int peRows);

    /**
     * Scaled dot-product attention as {@link Attention} defines it. No more than a tile of the T x T matrix is stored.
     *
     * @param in queries, keys and values: B*T rows of H vectors of D elements; position vectors: Bp*T rows of vectors
     *     of positionWidth elements, or null
     * @param out B*T rows of H vectors of D elements
     * @param logSumExp [B, H, T], kept for the backward pass; null in evaluation
     */
    void attention(Attention spec, AttentionHeads in, Heads out, Tensor logSumExp);

    /**
     * The gradients of {@link #attention}.
     *
     * @param gradients queries, keys and values are overwritten; position vectors are accumulated over the samples (and
     *     heads) that share them
     */
    void attentionBackward(
            Attention spec, AttentionHeads in, Heads out, Tensor logSumExp, Heads dOut, AttentionHeads gradients);

    /**
     * out = x, head vector by head vector, from one layout to another. The two do not overlap.
     *
     * @param x rows of H vectors of D elements
     * @param out as many, written, in any precision that this device stores activations in
     */
    void copyHeads(Heads x, int rows, int heads, int width, Heads out);

    /**
     * Attention of a new row of every sample to those before it, as {@link CachedAttention} defines it. The new rows'
     * keys and values are written to the cache.
     *
     * @param lengths [B] rows that each sample has in the cache
     * @param fresh query, key, value and, with positions, position query of the new rows: B rows; no position key
     * @param keys the cache: B * capacity rows; rows after a sample's own are not read
     * @param values the same
     * @param positionKeys capacity rows that all samples share, or null without position vectors
     * @param out B rows of H vectors of D elements
     */
    void cachedAttention(
            CachedAttention spec,
            Ints lengths,
            AttentionHeads fresh,
            Heads keys,
            Heads values,
            Heads positionKeys,
            Heads out);

    /**
     * Attention in which every row names the rows it sees, as {@link ListAttention} defines it.
     *
     * @param queries [E] the row of query with which each row asks
     * @param keys [E, S] the rows of key and value that each row sees; -1 ends a row's list early; every row has at
     *     least one
     * @param in queries, keys and values without position vectors
     * @param weights [E, H, S], the softmax before dropout, kept for the backward pass; null in evaluation
     */
    void listAttention(ListAttention spec, Ints queries, Ints keys, AttentionHeads in, Heads out, Tensor weights);

    /**
     * The gradients of {@link #listAttention}.
     *
     * @param gradients [sources, H, D] each, overwritten; what several rows give to one adds up
     */
    void listAttentionBackward(
            ListAttention spec,
            Ints queries,
            Ints keys,
            AttentionHeads in,
            Tensor weights,
            Heads dOut,
            AttentionHeads gradients);

    // ---------------------------------------------------------------- losses

    /**
     * loss_i = -log softmax(scale * logits_i)[label_i], with label smoothing s: (1-s) of that plus s times the mean
     * over the classes; and, in place of the logits, the gradient of factor * sum of loss_i with respect to the logits.
     * Rows with a negative label cost 0 and have gradient 0.
     *
     * @param logits [N, V] and padding in the last columns, which is not read and whose gradient is 0; replaced by the
     *     gradient when {@code gradient}, left in an unspecified state otherwise
     * @param classes V
     * @param labels N class numbers
     * @param loss [N]
     */
    void crossEntropy(
            Tensor logits,
            int classes,
            Ints labels,
            float scale,
            float smoothing,
            boolean gradient,
            float factor,
            Tensor loss);

    /** The same without padding. */
    default void crossEntropy(
            Tensor logits, Ints labels, float scale, float smoothing, boolean gradient, float factor, Tensor loss) {
        crossEntropy(logits, (int) logits.columns(), labels, scale, smoothing, gradient, factor, loss);
    }

    /**
     * How far two rows of logits are from being the same distribution, in both directions (method.md section 4). With A
     * = log softmax(scale * teacher) and S = log softmax(scale * student) over each row, where {@code kl}: loss_i =
     * sum_j exp(A)(A - S) + exp(S)(S - A); otherwise sum_j (A - S)^2. The logits are replaced by the gradients of
     * factor * sum of loss_i: the student's times beta, the teacher's times (1 - beta), because each side is held fixed
     * while the other is trained.
     *
     * @param teacher [N, K]
     * @param student [N, K]
     * @param loss [N]
     */
    void divergence(Tensor teacher, Tensor student, float scale, boolean kl, float beta, float factor, Tensor loss);

    /** out[slot] = the sum of x, accumulated in double precision in an order that follows from its size. */
    void sum(Tensor x, Doubles out, int slot);

    // ---------------------------------------------------------------- optimizer

    /** out[slot] = the sum of squares of x, accumulated in double precision. */
    void sumOfSquares(Tensor x, Doubles out, int slot);

    /**
     * Scales x down to a bound of its norm, as PyTorch's clip_grad_norm_ does: x *= bound / (norm + 1e-6) where that is
     * below 1, in float32. A bound of 0 and a norm that is not a number change nothing.
     *
     * @param squares holds the square of the norm, from {@link #sumOfSquares}
     * @param slot its place
     */
    void clip(Tensor x, Doubles squares, int slot, double bound);

    /**
     * One Adam step in PyTorch's form: m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; and the gradient is replaced by what
     * is to be subtracted from the parameters, lr/(1-b1^t) * m / (sqrt(v)/sqrt(1-b2^t) + epsilon). (ND4J's Adam adds
     * epsilon before the bias correction.) Decoupled weight decay, AdamW's other half, is an {@link #axpy} of the
     * parameters onto the result.
     *
     * <p>The coefficients are doubles because 1 - b2 is not what it should be when b2 was rounded to float32 (off by
     * 1.3e-5 for 0.999).
     *
     * @param gradient replaced by the step
     * @param firstMoment m, updated
     * @param secondMoment v, updated
     * @param step t, counted from 1
     */
    void adam(
            Tensor gradient,
            Tensor firstMoment,
            Tensor secondMoment,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            long step);

    /**
     * One step of AdamW on all parameters: {@link #adam} on the gradient, the decay of some of them, and the
     * subtraction. A device may do this in one pass; afterwards the gradient's contents are unspecified.
     *
     * @param parameters updated
     * @param operands the parameters' copy for products, which is brought up to date; the same tensor where there is
     *     none
     * @param gradient of the size of the parameters, as are the moments
     */
    default void adamW(
            AdamWStep step,
            Tensor parameters,
            Tensor operands,
            Tensor gradient,
            Tensor firstMoment,
            Tensor secondMoment) {
        adam(step, gradient, firstMoment, secondMoment);
        addDecays(step, parameters, gradient);
        axpy(-1, gradient, parameters);
        if (operands != parameters) {
            copy(parameters, operands);
        }
    }

    /** {@link #adam} with the coefficients of a step. */
    default void adam(AdamWStep step, Tensor gradient, Tensor firstMoment, Tensor secondMoment) {
        adam(
                gradient,
                firstMoment,
                secondMoment,
                step.learningRate(),
                step.beta1(),
                step.beta2(),
                step.epsilon(),
                step.step());
    }

    /** Adds what AdamW's decay subtracts to a step that {@link #adam} has made. */
    default void addDecays(AdamWStep step, Tensor parameters, Tensor target) {
        for (AdamWStep.Decay part : step.decays()) {
            axpy(
                    (float) (step.learningRate() * part.decay()),
                    parameters.view(part.offset(), part.length()),
                    target.view(part.offset(), part.length()));
        }
    }
}
