package org.seqpe.bench;

import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.RunConfig;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.task.Tasks;

/**
 * libtorch. Every step has its own {@link PointerScope}, so that its tensors are freed at its end and not by the
 * garbage collector.
 */
final class LibtorchSide implements Side {
    private final Workload workload;
    private final LibtorchProducts products;
    private final LibtorchModel model;
    private final LibtorchAdamW optimizer;

    LibtorchSide(Workload workload, LibtorchWeights.Values values, LibtorchProducts products) {
        this.workload = workload;
        this.products = products;
        torch.set_num_threads(workload.threads());
        RunConfig config = workload.runConfig();
        LibtorchWeights weights = new LibtorchWeights(ModelLayout.of(Tasks.spec(config)), values);
        if (workload instanceof ImageWorkload images) {
            model = new LibtorchVit(images, weights, products);
        } else {
            model = new LibtorchGpt((TextWorkload) workload, weights, products);
        }
        optimizer = new LibtorchAdamW(weights, config.optimizer());
    }

    /** The encodings that a workload can have on this side. */
    static Set<Encoding> encodings(Workload workload) {
        return workload instanceof ImageWorkload ? LibtorchVit.ENCODINGS : LibtorchGpt.ENCODINGS;
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
            Tensor loss = autocast(() -> model.trainingLoss(batch));
            long forward = System.nanoTime();
            loss.backward();
            long backward = System.nanoTime();
            double[] exactNorms = exactly ? optimizer.exactNorms() : null;
            double[] norms = optimizer.clip();
            optimizer.update();
            double value = loss.item_double();
            long end = System.nanoTime();
            seconds[0] = (forward - start) * 1e-9;
            seconds[1] = (backward - forward) * 1e-9;
            seconds[2] = (end - backward) * 1e-9;
            return new Step(value, exactly ? exactNorms : norms);
        }
    }

    /** A forward pass, in bfloat16 where these products ask for it; the backward pass follows the types it finds. */
    private Tensor autocast(Supplier<Tensor> forward) {
        if (products != LibtorchProducts.AUTOCAST) {
            return forward.get();
        }
        torch.set_autocast_dtype(torch.DeviceType.CPU, torch.ScalarType.BFloat16);
        // A copy would outlive the step: nothing here can clear the cache. Every weight is used once a pass anyway.
        torch.set_autocast_cache_enabled(false);
        torch.set_autocast_enabled(torch.DeviceType.CPU, true);
        try {
            return forward.get();
        } finally {
            torch.set_autocast_enabled(torch.DeviceType.CPU, false);
        }
    }

    @Override
    public double evaluate(Batch batch) {
        try (PointerScope scope = new PointerScope();
                InferenceMode inference = new InferenceMode()) {
            return autocast(() -> model.evaluationLoss(batch)).item_double();
        }
    }

    /** The process ends soon. */
    @Override
    public void close() {}
}
