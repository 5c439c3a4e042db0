package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
        for (Encoding encoding : Encoding.values()) {
            if (encoding != Encoding.SEQPE && encoding != Encoding.ROPE_MIXED) {
                assertBaseline("wikitext103", encoding);
            }
        }
        assertThat(read("wikitext103").train().tokensPerStep()).isEqualTo(65_536);
    }

    @Test
    void baselinesOfImagesDifferInNameEncodingAndWavelengthOnly() {
        for (Encoding encoding : Encoding.values()) {
            switch (encoding) {
                case SEQPE, ALIBI -> {}
                case ROPE -> assertBaseline("imagenet-vit-s", encoding, "model.position.base=100");
                case ROPE_MIXED -> assertBaseline("imagenet-vit-s", encoding, "model.position.base=10");
                default -> assertBaseline("imagenet-vit-s", encoding);
            }
        }
        assertThat(read("imagenet-vit-s").train().samplesPerStep()).isEqualTo(1024);
    }

    private static void assertBaseline(String experiment, Encoding encoding, String... settings) {
        String kind = encoding.name().toLowerCase(Locale.ROOT).replace('_', '-');
        List<String> overrides = new ArrayList<>(List.of(settings));
        overrides.add("name=" + experiment + "-" + kind);
        overrides.add("model.position.encoding=" + kind);
        assertThat(read(experiment + "-" + kind)).isEqualTo(read(experiment, overrides.toArray(String[]::new)));
    }

    private static RunConfig read(String name, String... overrides) {
        return ConfigReader.read(CONF.resolve(name + ".conf").toString(), List.of(overrides));
    }
}
