package org.seqpe.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.seqpe.core.config.PositionConfig.Encoding;

/** Both implementations choose the same tokens, token after token. */
class DecoderTest {

    @ParameterizedTest
    @EnumSource(names = {"ROPE", "LEARNED", "NONE"})
    void bothSidesContinueTextsAlike(Encoding encoding) {
        TextWorkload workload = new TextWorkload(encoding, 2, 32, 2, 3, 24, 64, 0, 2);
        int[] tokens = workload.batch(0).tokens();
        int[][] prompts = IntStream.range(0, 3)
                .mapToObj(b -> Arrays.copyOfRange(tokens, b * 24, b * 24 + 10))
                .toArray(int[][]::new);
        try (SeqPeSide ours = new SeqPeSide(workload);
                Decoder here = new SeqPeDecoder(ours);
                Decoder there = new LibtorchDecoder(workload, ours::values, LibtorchProducts.OPENBLAS)) {
            here.begin();
            int[][] expected = here.generate(prompts, 14);
            there.begin();
            assertThat(there.generate(prompts, 14)).isDeepEqualTo(expected);
        }
    }
}
