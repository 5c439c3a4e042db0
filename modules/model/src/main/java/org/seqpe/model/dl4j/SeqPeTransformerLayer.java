package org.seqpe.model.dl4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonIgnore;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.seqpe.core.config.OptimizerConfig;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.task.Tasks;

/**
 * The DL4J configuration of the whole network: an output layer that is a SeqPE Transformer. Features and labels are
 * matrices with one row per sample and the sizes that the task defines. The rows form one or more micro-batches, whose
 * gradients are accumulated.
 */
public final class SeqPeTransformerLayer extends Layer {
    private static final long serialVersionUID = 1L;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** {@link LayerSettings} as JSON, because DL4J's own mapper does not support records. */
    @JsonProperty
    private String settingsJson;

    @JsonIgnore
    private transient LayerSettings settings;

    @JsonIgnore
    private transient ModelSpec spec;
    /** Cached, because DL4J asks twice at every step. */
    @JsonIgnore
    private transient List<Regularization> regularizations;

    /** For DL4J's JSON. */
    @SuppressWarnings("unused")
    SeqPeTransformerLayer() {
        super(new Builder());
    }

    public SeqPeTransformerLayer(LayerSettings settings) {
        super(new Builder());
        try {
            settingsJson = MAPPER.writeValueAsString(settings);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot write layer settings as JSON: " + settings, e);
        }
    }

    /** The settings from which the layer was created. */
    public LayerSettings settings() {
        if (settings == null) {
            try {
                settings = MAPPER.readValue(settingsJson, LayerSettings.class);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("Cannot read layer settings from JSON: " + settingsJson, e);
            }
        }
        return settings;
    }

    /** The model's shape. */
    public ModelSpec spec() {
        if (spec == null) {
            spec = Tasks.spec(
                    settings().task(),
                    settings().model(),
                    settings().trainingLength(),
                    settings().image(),
                    settings().answers());
        }
        return spec;
    }

    @Override
    public org.deeplearning4j.nn.api.Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> trainingListeners,
            int layerIndex,
            INDArray layerParamsView,
            boolean initializeParams,
            DataType networkDataType) {
        if (networkDataType != DataType.FLOAT) {
            throw new IllegalArgumentException(
                    "Cannot make a SeqPE network: expected data type FLOAT, found " + networkDataType);
        }
        SeqPeTransformer layer = new SeqPeTransformer(conf, networkDataType);
        layer.setIndex(layerIndex);
        layer.setParamsViewArray(layerParamsView);
        layer.setParamTable(initializer().init(conf, layerParamsView, initializeParams));
        layer.setConf(conf);
        return layer;
    }

    @Override
    public ParamInitializer initializer() {
        return FlatParamInitializer.INSTANCE;
    }

    /** [rows, rows that the head reads, classes]: a distribution for each of them. */
    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return InputType.recurrent(spec().task().classes(), spec().readRows(spec().grid()));
    }

    /** Does nothing: the task defines the size of its features. */
    @Override
    public void setNIn(InputType inputType, boolean override) {}

    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return null;
    }

    @Override
    public List<Regularization> getRegularizationByParam(String paramName) {
        if (regularizations == null) {
            List<DecoupledWeightDecay.Range> ranges =
                    decayRanges(ModelLayout.of(spec()), settings().optimizer());
            regularizations = ranges.isEmpty() ? List.of() : List.of(new DecoupledWeightDecay(ranges));
        }
        return regularizations;
    }

    /**
     * The decaying parts of the flat vector (method.md section 4); neighbours with the same coefficient are one range.
     */
    static List<DecoupledWeightDecay.Range> decayRanges(ParameterLayout layout, OptimizerConfig optimizer) {
        List<DecoupledWeightDecay.Range> ranges = new ArrayList<>();
        for (ParameterLayout.Entry entry : layout.entries()) {
            double coefficient = entry.part() == ParameterLayout.Part.MODEL
                    ? optimizer.weightDecay()
                    : optimizer.positionWeightDecay();
            boolean decays =
                    switch (entry.decay()) {
                        case ALWAYS -> true;
                        case NEVER -> false;
                        case POSITION_BIAS -> optimizer.decayPositionBiases();
                    };
            if (!decays || coefficient == 0) {
                continue;
            }
            DecoupledWeightDecay.Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null && last.offset() + last.length() == entry.offset() && last.decay() == coefficient) {
                ranges.set(
                        ranges.size() - 1,
                        new DecoupledWeightDecay.Range(last.offset(), last.length() + entry.size(), coefficient));
            } else {
                ranges.add(new DecoupledWeightDecay.Range(entry.offset(), entry.size(), coefficient));
            }
        }
        return ranges;
    }

    @Override
    public IUpdater getUpdaterByParam(String paramName) {
        OptimizerConfig optimizer = settings().optimizer();
        OptimizerConfig.Schedule schedule = optimizer.schedule();
        return new AdamW(
                new WarmupSchedule(
                        schedule.shape(),
                        optimizer.learningRate(),
                        schedule.warmupSteps(),
                        settings().steps(),
                        schedule.finalShare()),
                optimizer.beta1(),
                optimizer.beta2(),
                optimizer.epsilon());
    }

    @Override
    public boolean isPretrainParam(String paramName) {
        return false;
    }

    /** No normalization by DL4J: the layer itself clips its two groups of gradients. */
    @Override
    public GradientNormalization getGradientNormalization() {
        return GradientNormalization.None;
    }

    @Override
    public double getGradientNormalizationThreshold() {
        return 0;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        long parameters = ModelLayout.of(spec()).size();
        return new LayerMemoryReport.Builder(
                        layerName, SeqPeTransformerLayer.class, inputType, getOutputType(0, inputType))
                .standardMemory(parameters, 2 * parameters)
                .workingMemory(0, 0, 0, 0)
                .cacheMemory(0, 0)
                .build();
    }

    private static final class Builder extends Layer.Builder<Builder> {
        @Override
        @SuppressWarnings("unchecked")
        public SeqPeTransformerLayer build() {
            return new SeqPeTransformerLayer();
        }
    }
}
