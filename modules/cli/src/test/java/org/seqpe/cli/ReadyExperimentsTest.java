package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.RunConfig;

/** The experiments in conf/ are whole. */
class ReadyExperimentsTest {
    private static final Path CONF = Path.of("../../conf");

    static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(CONF)) {
            return files.map(file -> file.getFileName().toString().replace(".conf", ""))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyFileIsReadUnderItsName(String name) {
        assertThat(ConfigReader.read(CONF.resolve(name + ".conf").toString()).name())
                .isEqualTo(name);
    }

    @Test
    void baselinesDifferFromSeqPeInNameAndEncodingOnly() {
        RunConfig seqpe = ConfigReader.read(CONF.resolve("wikitext103.conf").toString());
        for (Encoding encoding : Encoding.values()) {
            if (encoding != Encoding.SEQPE) {
                String name = "wikitext103-" + encoding.name().toLowerCase();
                RunConfig baseline =
                        ConfigReader.read(CONF.resolve(name + ".conf").toString());
                assertThat(baseline)
                        .isEqualTo(ConfigReader.read(
                                CONF.resolve("wikitext103.conf").toString(),
                                List.of(
                                        "name=" + name,
                                        "model.position.encoding="
                                                + encoding.name().toLowerCase())));
            }
        }
        assertThat(seqpe.train().tokensPerStep()).isEqualTo(65_536);
    }
}
