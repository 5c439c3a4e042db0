package org.seqpe.model.seqpe;

import org.seqpe.compute.Attention;
import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.InitialValues;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;
import org.seqpe.model.position.EncodingFactory;
import org.seqpe.model.position.PositionEncoding;

/** Feeds SeqPE's vectors into the main model (method.md section 3; the reference's pe_apply_method and pe_qk). */
public final class SeqPePositions extends PositionEncoding {
    public static final EncodingFactory FACTORY = new Factory();
    private static final String SHARED_MAP = "transformer.pe_qk";
    private static final String LEADING = "cls_token_pos_embed";

    private final Device device;
    private final SeqPeConfig config;
    private final int heads;
    private final int headWidth;
    private final int width;
    private final int positionWidth;
    private final int positionHeadWidth;
    private final boolean training;
    /** One map for the model, one per layer, or none. */
    private final Weight[] weights;

    private final Weight[] biases;
    private final RowBuffer[] projected;
    private final RowBuffer[] dProjected;
    /**
     * Queries and keys multiplied by their position vectors; the originals are kept for the backward pass. Used only
     * for attn-mul while training.
     */
    private final RowBuffer[] multiplied;
    /** What is added to the input, which is part of the residual stream. */
    private final RowBuffer added;

    private final RowBuffer dOperand;

    /** The vectors of rows that have no position of their own, [rows, W]; null where there are none. */
    private final Weight leading;

    /** The vectors of all rows, in front of each window those of {@link #leading}; and their gradients. */
    private final RowBuffer framed;

    private final RowBuffer dFramed;

    private Pass pass;
    private int rows;
    private Tensor vectors;
    private Tensor dVectors;

    private SeqPePositions(ModelSpec spec, Parameters parameters, Device device, boolean training) {
        this.device = device;
        this.config = spec.seqpe();
        heads = spec.config().heads();
        headWidth = spec.config().headWidth();
        width = spec.config().width();
        positionWidth = spec.positionWidth();
        positionHeadWidth = spec.positionHeadWidth();
        this.training = training;
        boolean inAttention = config.apply() != Apply.INPUT_ADD;
        if (inAttention && config.apply() != Apply.ATTN_SCALAR && positionHeadWidth != headWidth) {
            throw new IllegalArgumentException("Cannot combine queries with position vectors: expected head vectors of "
                    + headWidth + " elements, found " + positionHeadWidth
                    + "; set seqpe.width to the model's width or use attn-scalar");
        }
        int layers = spec.config().layers();
        int maps = !spec.hasProjection() ? 0 : config.projection() == Projection.SINGLE ? 1 : layers;
        weights = new Weight[maps];
        biases = new Weight[maps];
        projected = new RowBuffer[maps];
        dProjected = new RowBuffer[maps];
        RowBuffer shared = RowBuffer.ofActivations(device, 2 * positionWidth);
        for (int i = 0; i < maps; i++) {
            String name = config.projection() == Projection.SINGLE ? SHARED_MAP : blockMap(i);
            weights[i] = parameters.weight(name + ".weight");
            biases[i] = parameters.weight(name + ".bias");
            projected[i] = training ? RowBuffer.ofActivations(device, 2 * positionWidth) : shared;
            dProjected[i] = new RowBuffer(device, 2 * positionWidth);
        }
        leading = spec.task().leadingRows() > 0 ? parameters.weight(LEADING) : null;
        framed = RowBuffer.ofActivations(device, positionWidth);
        dFramed = new RowBuffer(device, positionWidth);
        added = new RowBuffer(device, positionWidth);
        dOperand = RowBuffer.ofActivations(device, 2 * positionWidth);
        multiplied = new RowBuffer[training && config.apply() == Apply.ATTN_MUL ? layers : 0];
        for (int i = 0; i < multiplied.length; i++) {
            multiplied[i] = RowBuffer.ofActivations(device, 2 * width);
        }
    }

    private static String blockMap(int layer) {
        return "transformer.h." + layer + ".attn.pe_qk";
    }

    private static final class Factory implements EncodingFactory {
        @Override
        public PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training) {
            return new SeqPePositions(spec, parameters, device, training);
        }

        @Override
        public int mostDimensions() {
            return 2;
        }

        @Override
        public void addParameters(ModelSpec spec, ParameterLayout.Builder layout) {
            if (spec.task().leadingRows() > 0) {
                layout.add(
                        LEADING,
                        Part.MODEL,
                        Decay.NEVER,
                        InitialValues.normal(spec.config().initStd()),
                        1,
                        spec.task().leadingRows(),
                        spec.positionWidth());
            }
            if (spec.hasProjection() && spec.seqpe().projection() == Projection.SINGLE) {
                addMap(spec, SHARED_MAP, layout);
            }
        }

        @Override
        public void addBlockParameters(ModelSpec spec, int layer, ParameterLayout.Builder layout) {
            if (spec.hasProjection() && spec.seqpe().projection() == Projection.MULTI) {
                addMap(spec, blockMap(layer), layout);
            }
        }

        @Override
        public void addEncoderParameters(ModelSpec spec, ParameterLayout.Builder layout) {
            PositionEncoder.addParameters(spec, layout);
        }

        private static void addMap(ModelSpec spec, String name, ParameterLayout.Builder layout) {
            int width = spec.positionWidth();
            layout.add(
                    name + ".weight",
                    Part.MODEL,
                    Decay.ALWAYS,
                    InitialValues.normal(spec.config().initStd()),
                    2 * width,
                    width);
            layout.add(name + ".bias", Part.MODEL, Decay.NEVER, InitialValues.constant(0), 2 * width);
        }
    }

    @Override
    public void begin(Pass newPass) {
        pass = newPass;
        rows = pass.rows();
        vectors = pass.vectors();
        dVectors = pass.dVectors();
        if (leading != null) {
            frame();
        }
        for (int i = 0; i < weights.length && !projectsByLayer(); i++) {
            project(i);
            if (pass.dVectors() != null) {
                device.fill(dProjected[i].rows(rows), 0);
            }
        }
    }

    /** Puts the vectors of rows without a position in front of those of each window. */
    private void frame() {
        vectors = framed.rows(rows);
        for (int window = 0; window < pass.batch(); window++) {
            device.copy(leadingRows(leading.value()), vectors.rows(window * pass.length(), pass.leading()));
            device.copy(window(pass.vectors(), window), positioned(vectors, window));
        }
        if (dVectors != null) {
            dVectors = dFramed.rows(rows);
            device.fill(dVectors, 0);
        }
    }

    /** Adds the gradients of all rows to those of the vectors that {@link #frame} put together. */
    private void unframe() {
        if (leading == null) {
            return;
        }
        for (int window = 0; window < pass.batch(); window++) {
            device.axpy(1, dVectors.rows(window * pass.length(), pass.leading()), leadingRows(leading.gradient()));
            device.axpy(1, positioned(dVectors, window), window(pass.dVectors(), window));
        }
    }

    private Tensor leadingRows(Tensor array) {
        return array.reshape(pass.leading(), positionWidth);
    }

    private Tensor window(Tensor ofPositions, int window) {
        return ofPositions.rows(window * pass.grid().size(), pass.grid().size());
    }

    private Tensor positioned(Tensor ofAllRows, int window) {
        return ofAllRows.rows(
                window * pass.length() + pass.leading(), pass.grid().size());
    }

    /** In evaluation, the layers' projections use one buffer in turn. */
    private boolean projectsByLayer() {
        return !training && config.projection() == Projection.MULTI;
    }

    private void project(int map) {
        device.linear(vectors, weights[map].operand(), true, biases[map].addend(), projected[map].rows(rows));
    }

    @Override
    public Tensor inputRows() {
        return config.apply() == Apply.INPUT_ADD ? added.inPrecision(vectors) : null;
    }

    @Override
    public void inputBackward(Tensor dInput) {
        if (config.apply() == Apply.INPUT_ADD) {
            device.sumRows(dInput, dVectors);
            unframe();
        }
    }

    @Override
    public Attention attention(Attention plain) {
        return config.apply() == Apply.ATTN_SCALAR
                ? plain.withPositions(pass.batch(), positionHeadWidth, (float) config.scalarScale())
                : plain;
    }

    @Override
    public Heads query(int layer, Tensor qkv) {
        if (weights.length > 0 && projectsByLayer()) {
            project(layer);
        }
        return combine(layer, qkv, 0);
    }

    @Override
    public Heads key(int layer, Tensor qkv) {
        return combine(layer, qkv, 1);
    }

    private Heads combine(int layer, Tensor qkv, int part) {
        Heads x = columns(qkv, part);
        int count = Math.toIntExact(qkv.rows());
        switch (config.apply()) {
            case ATTN_ADD -> device.addHeads(x, count, heads, headWidth, vectors(layer, part), rows, x);
            case ATTN_MUL -> {
                Heads product = training ? kept(layer, qkv, part) : x;
                device.multiplyHeads(x, count, heads, headWidth, vectors(layer, part), rows, product);
                return product;
            }
            case INPUT_ADD, ATTN_SCALAR -> {}
        }
        return x;
    }

    @Override
    public Heads keptQuery(int layer, Tensor qkv) {
        return kept(layer, qkv, 0);
    }

    @Override
    public Heads keptKey(int layer, Tensor qkv) {
        return kept(layer, qkv, 1);
    }

    private Heads kept(int layer, Tensor qkv, int part) {
        return config.apply() == Apply.ATTN_MUL
                ? Heads.columns(multiplied[layer].rows(Math.toIntExact(qkv.rows())), part * width, headWidth)
                : columns(qkv, part);
    }

    @Override
    public void attentionBackward(int layer, Tensor qkv, Tensor dQkv) {
        int count = Math.toIntExact(qkv.rows());
        for (int part = 0; part < 2; part++) {
            Heads gradient = columns(dQkv, part);
            switch (config.apply()) {
                case ATTN_ADD -> device.addHeadsBackward(
                        gradient, count, heads, headWidth, dVectors(layer, part), rows);
                case ATTN_MUL -> device.multiplyHeadsBackward(
                        gradient,
                        columns(qkv, part),
                        count,
                        heads,
                        headWidth,
                        vectors(layer, part),
                        rows,
                        gradient,
                        dVectors(layer, part));
                case INPUT_ADD, ATTN_SCALAR -> {}
            }
        }
    }

    @Override
    public Heads positionQuery(int layer) {
        return config.apply() == Apply.ATTN_SCALAR ? vectors(layer, 0) : null;
    }

    @Override
    public Heads positionKey(int layer) {
        return config.apply() == Apply.ATTN_SCALAR ? vectors(layer, 1) : null;
    }

    @Override
    public Heads dPositionQuery(int layer) {
        return config.apply() == Apply.ATTN_SCALAR ? dVectors(layer, 0) : null;
    }

    @Override
    public Heads dPositionKey(int layer) {
        return config.apply() == Apply.ATTN_SCALAR ? dVectors(layer, 1) : null;
    }

    @Override
    public void endBackward() {
        for (int i = 0; i < weights.length; i++) {
            device.linearBackward(
                    dOperand.inPrecision(dProjected[i].rows(rows)),
                    vectors,
                    weights[i].operand(),
                    true,
                    dVectors,
                    true,
                    weights[i].gradient(),
                    biases[i].gradient());
        }
        if (config.apply() != Apply.INPUT_ADD) {
            unframe();
        }
    }

    private Heads vectors(int layer, int part) {
        return weights.length == 0 ? heads(vectors, 0) : heads(projected[map(layer)].rows(rows), part * positionWidth);
    }

    private Heads dVectors(int layer, int part) {
        return weights.length == 0
                ? heads(dVectors, 0)
                : heads(dProjected[map(layer)].rows(rows), part * positionWidth);
    }

    private int map(int layer) {
        return config.projection() == Projection.SINGLE ? 0 : layer;
    }

    private Heads heads(Tensor vectors, int column) {
        return config.multiHead() ? Heads.columns(vectors, column, positionHeadWidth) : Heads.shared(vectors, column);
    }

    @Override
    public int headWidth() {
        return headWidth;
    }
}
