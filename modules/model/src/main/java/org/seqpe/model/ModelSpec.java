package org.seqpe.model;

import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;

/**
 * A model's shape with every default filled in. Its parameters follow from it:
 * {@link org.seqpe.model.network.ModelLayout}.
 *
 * @param config the settings of the trunk and its position encoding
 * @param task the training task, with the grid of its samples
 */
public record ModelSpec(ModelConfig config, Task task) {
    public ModelSpec {
        if (config.position().encoding() == Encoding.SEQPE
                && config.position().seqpe().dimensions() != task.grid().dimensions()) {
            throw new IllegalArgumentException("Cannot build a model: expected position.seqpe.dimensions = "
                    + task.grid().dimensions() + " for the positions of the task " + task.name() + ", found "
                    + config.position().seqpe().dimensions());
        }
        if (config.width() % config.heads() != 0) {
            throw new IllegalArgumentException("Cannot build a model: expected heads that divide the width "
                    + config.width() + ", found " + config.heads());
        }
    }

    public PositionConfig position() {
        return config.position();
    }

    public SeqPeConfig seqpe() {
        return config.position().seqpe();
    }

    public boolean isSeqPe() {
        return position().encoding() == Encoding.SEQPE;
    }

    /** The positions of a training sample: rows of a learned position table, and the windows of the transfer loss. */
    public Grid grid() {
        return task.grid();
    }

    /** T, the rows of a sample on a grid: those without a position first. */
    public int rows(Grid positions) {
        return task.leadingRows() + positions.size();
    }

    /** Rows of a sample on a grid that the head reads, from the first on. */
    public int readRows(Grid positions) {
        return task.readRows() == 0 ? rows(positions) : task.readRows();
    }

    /** Width of the position encoder. */
    public int encoderWidth() {
        return config.encoderWidth();
    }

    /** G, digits a dimension. */
    public int digits() {
        return position().digits();
    }

    /**
     * Elements of a position vector: the width of one head where all heads share it; the model's where it is added to
     * the input. Where every head has its own part, it is the encoder's width for texts and the model's for images, as
     * in the authors' two programs.
     */
    public int positionWidth() {
        if (seqpe().apply() == Apply.INPUT_ADD) {
            return config.width();
        }
        if (!seqpe().multiHead()) {
            return config.headWidth();
        }
        return grid().dimensions() == 1 ? encoderWidth() : config.width();
    }

    /** Elements of a position vector that one head sees. */
    public int positionHeadWidth() {
        return seqpe().multiHead() ? positionWidth() / config.heads() : positionWidth();
    }

    /** Rows of the learned position table. */
    public int learnedRows() {
        return position().learnedRows() == 0 ? rows(grid()) : position().learnedRows();
    }

    /** Whether a linear map turns position vectors into a query half and a key half. */
    public boolean hasProjection() {
        return isSeqPe() && seqpe().apply() != Apply.INPUT_ADD && seqpe().projection() != Projection.NONE;
    }
}
