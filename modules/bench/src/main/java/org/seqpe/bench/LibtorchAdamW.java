package org.seqpe.bench;

import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * {@code torch.optim.AdamW(fused=True)}: libtorch's fused operator for a group of parameters, called by name because
 * the C++ front end's own AdamW updates one array at a time with ten passes over memory.
 */
final class LibtorchAdamW {
    private final OperatorHandle fused = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
    private final double learningRate;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final List<Group> groups;
    /** t, one for all parameters. */
    private final Tensor step = Tensor.create(new float[] {0}, new long[] {});

    private final TensorVector parameters = new TensorVector();

    private record Group(List<Tensor> parameters, List<Tensor> first, List<Tensor> second, double weightDecay) {
        Group(List<Tensor> parameters, double weightDecay) {
            this(parameters, zeros(parameters), zeros(parameters), weightDecay);
        }

        private static List<Tensor> zeros(List<Tensor> like) {
            return like.stream()
                    .map(tensor -> torch.zeros_like(tensor.detach()))
                    .toList();
        }
    }

    LibtorchAdamW(
            List<Tensor> decaying,
            List<Tensor> others,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay) {
        this.learningRate = learningRate;
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        groups = List.of(new Group(decaying, weightDecay), new Group(others, 0));
        groups.forEach(group -> group.parameters.forEach(parameters::push_back));
    }

    /** Forgets the gradients instead of filling them with zeros: zero_grad(set_to_none=True). */
    void forgetGradients() {
        groups.forEach(group ->
                group.parameters.forEach(parameter -> parameter.mutable_grad().reset()));
    }

    /** Scales the gradients down to the bound; returns their norm before. */
    double clip(double bound) {
        return torch.clip_grad_norm_(parameters, bound);
    }

    /**
     * The gradients' norm in double precision: float32 loses the fourth digit over the 39 million elements of GPT-2's
     * embedding.
     */
    double exactNorm() {
        double squares = 0;
        for (Group group : groups) {
            for (Tensor parameter : group.parameters) {
                double norm =
                        parameter.grad().to(torch.ScalarType.Double).norm().item_double();
                squares += norm * norm;
            }
        }
        return Math.sqrt(squares);
    }

    /** One update. */
    void update() {
        try (NoGradGuard none = new NoGradGuard()) {
            step.add_(new Scalar(1.0f));
            for (Group group : groups) {
                List<Tensor> gradients =
                        group.parameters.stream().map(Tensor::grad).toList();
                List<Tensor> steps =
                        group.parameters.stream().map(parameter -> step).toList();
                // self, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, state_steps, lr, beta1, beta2, weight_decay,
                // eps, amsgrad, maximize, grad_scale, found_inf
                fused.callBoxed(new IValueVector(
                        list(group.parameters),
                        list(gradients),
                        list(group.first),
                        list(group.second),
                        list(List.of()),
                        list(steps),
                        new IValue(learningRate),
                        new IValue(beta1),
                        new IValue(beta2),
                        new IValue(group.weightDecay),
                        new IValue(epsilon),
                        new IValue(false),
                        new IValue(false),
                        new IValue(),
                        new IValue()));
            }
        }
    }

    private static IValue list(List<Tensor> tensors) {
        GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
        tensors.forEach(tensor -> list.push_back(new IValue(tensor)));
        return new IValue(list);
    }
}
