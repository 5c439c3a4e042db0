package org.seqpe.bench;

import java.util.List;
import org.seqpe.model.text.Generator;
import org.seqpe.model.text.TokenChoice;

/** This project's generator. */
final class SeqPeDecoder implements Decoder {
    private static final int NO_END = -1;

    private final SeqPeSide side;
    private final Generator generator;

    SeqPeDecoder(SeqPeSide side) {
        this.side = side;
        generator = new Generator(side.model(), Integer.MAX_VALUE);
    }

    @Override
    public String name() {
        return side.name();
    }

    @Override
    public void begin() {
        side.begin();
    }

    @Override
    public int[][] generate(int[][] prompts, int newTokens) {
        return generator.generate(
                List.of(prompts),
                new Generator.Settings(newTokens, NO_END, 0, TokenChoice.greedy()),
                (text, token) -> {});
    }

    @Override
    public void close() {
        side.close();
    }
}
