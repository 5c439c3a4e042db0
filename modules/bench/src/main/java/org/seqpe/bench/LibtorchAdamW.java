package org.seqpe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
import org.seqpe.core.config.OptimizerConfig;
import org.seqpe.model.params.ParameterLayout;

/**
 * {@code torch.optim.AdamW(fused=True)}: libtorch's fused operator for a group of parameters, called by name because
 * the C++ front end's own AdamW updates one array at a time with ten passes over memory.
 */
final class LibtorchAdamW {
    private final OperatorHandle fused = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
    private final OptimizerConfig config;
    private final List<Part> parts = new ArrayList<>();
    /** t, one for all parameters. */
    private final Tensor step = Tensor.create(new float[] {0}, new long[] {});

    /** Parameters that are clipped together. */
    private record Part(List<Group> groups, TensorVector all, double clip) {
        static Part of(LibtorchWeights.Sorted parameters, double weightDecay, double clip) {
            List<Group> groups =
                    List.of(new Group(parameters.decaying(), weightDecay), new Group(parameters.others(), 0));
            TensorVector all = new TensorVector();
            groups.forEach(group -> group.parameters.forEach(all::push_back));
            return new Part(groups, all, clip);
        }
    }

    /** Parameters that decay alike. */
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

    LibtorchAdamW(LibtorchWeights weights, OptimizerConfig config) {
        this.config = config;
        addPart(weights.part(ParameterLayout.Part.MODEL), config.weightDecay(), config.clip());
        addPart(
                weights.part(ParameterLayout.Part.POSITION_ENCODER),
                config.positionWeightDecay(),
                config.positionClip());
    }

    private void addPart(LibtorchWeights.Sorted parameters, double weightDecay, double clip) {
        if (!parameters.decaying().isEmpty()) {
            parts.add(Part.of(parameters, weightDecay, clip));
        }
    }

    private Stream<Group> groups() {
        return parts.stream().flatMap(part -> part.groups.stream());
    }

    /** Forgets the gradients instead of filling them with zeros: zero_grad(set_to_none=True). */
    void forgetGradients() {
        groups().forEach(group ->
                group.parameters.forEach(parameter -> parameter.mutable_grad().reset()));
    }

    /** Scales the gradients of each part down to its bound; returns their norms before. */
    double[] clip() {
        return parts.stream()
                .mapToDouble(part -> torch.clip_grad_norm_(part.all, part.clip))
                .toArray();
    }

    /**
     * The gradients' norms in double precision: float32 loses the fourth digit over the 39 million elements of GPT-2's
     * embedding.
     */
    double[] exactNorms() {
        return parts.stream()
                .mapToDouble(part -> Math.sqrt(part.groups.stream()
                        .flatMap(group -> group.parameters.stream())
                        .mapToDouble(LibtorchAdamW::squares)
                        .sum()))
                .toArray();
    }

    private static double squares(Tensor parameter) {
        double norm = parameter.grad().to(torch.ScalarType.Double).norm().item_double();
        return norm * norm;
    }

    /** One update. */
    void update() {
        try (NoGradGuard none = new NoGradGuard()) {
            step.add_(new Scalar(1.0f));
            groups().forEach(group -> {
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
                        new IValue(config.learningRate()),
                        new IValue(config.beta1()),
                        new IValue(config.beta2()),
                        new IValue(group.weightDecay),
                        new IValue(config.epsilon()),
                        new IValue(false),
                        new IValue(false),
                        new IValue(),
                        new IValue()));
            });
        }
    }

    private static IValue list(List<Tensor> tensors) {
        GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
        tensors.forEach(tensor -> list.push_back(new IValue(tensor)));
        return new IValue(list);
    }
}
