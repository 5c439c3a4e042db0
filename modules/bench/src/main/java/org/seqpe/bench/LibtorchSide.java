package org.seqpe.bench;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.bench.Workload.Batch;
import org.seqpe.core.config.OptimizerConfig;

/**
 * libtorch. Every step has its own {@link PointerScope}, so that its tensors are freed at its end and not by the
 * garbage collector.
 */
final class LibtorchSide implements Side {
    private final Workload workload;
    private final LibtorchProducts products;
    private final LibtorchGpt model;
    private final LibtorchAdamW optimizer;
    private final double clip;

    LibtorchSide(Workload workload, LibtorchGpt.Weights weights, LibtorchProducts products) {
        this.workload = workload;
        this.products = products;
        torch.set_num_threads(workload.threads());
        OptimizerConfig settings = workload.runConfig().optimizer();
        model = new LibtorchGpt(workload, weights, products);
        optimizer = new LibtorchAdamW(
                model.decaying(),
                model.others(),
                settings.learningRate(),
                settings.beta1(),
                settings.beta2(),
                settings.epsilon(),
                settings.weightDecay());
        clip = settings.clip();
    }

    @Override
    public String name() {
        return "libtorch (" + products + ")";
    }

    @Override
    public void begin() {
        openblas_nolapack.blas_set_num_threads(products.openBlasThreads(workload.threads()));
    }

    @Override
    public Step train(Batch batch) {
        return run(batch, new double[3], false);
    }

    @Override
    public Step trainExactly(Batch batch) {
        return run(batch, new double[3], true);
    }

    @Override
    public Phases phases(Batch batch) {
        double[] seconds = new double[3];
        run(batch, seconds, false);
        return new Phases(seconds[0], seconds[1], seconds[2]);
    }

    private Step run(Batch batch, double[] seconds, boolean exactly) {
        try (PointerScope scope = new PointerScope()) {
            long start = System.nanoTime();
            optimizer.forgetGradients();
            Tensor loss = model.loss(tokens(batch), targets(batch));
            long forward = System.nanoTime();
            loss.backward();
            long backward = System.nanoTime();
            double exactNorm = exactly ? optimizer.exactNorm() : 0;
            double norm = optimizer.clip(clip);
            optimizer.update();
            double value = loss.item_double();
            long end = System.nanoTime();
            seconds[0] = (forward - start) * 1e-9;
            seconds[1] = (backward - forward) * 1e-9;
            seconds[2] = (end - backward) * 1e-9;
            return new Step(value, exactly ? exactNorm : norm);
        }
    }

    @Override
    public double evaluate(Batch batch) {
        try (PointerScope scope = new PointerScope();
                InferenceMode inference = new InferenceMode()) {
            return model.loss(tokens(batch), targets(batch)).item_double();
        }
    }

    private Tensor tokens(Batch batch) {
        return Tensor.create(widen(batch.tokens()), workload.batch(), workload.length());
    }

    private Tensor targets(Batch batch) {
        return Tensor.create(widen(batch.targets()), batch.targets().length);
    }

    private static long[] widen(int[] values) {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    /** The process ends soon. */
    @Override
    public void close() {}
}
