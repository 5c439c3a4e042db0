package org.seqpe.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.core.UserException;

class ConfigReaderTest {
    @TempDir
    Path folder;

    private String file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    @Test
    void everyKeyAndDefaultIsPinned() throws IOException {
        String pinned =
                new String(getClass().getResourceAsStream("/defaults.conf").readAllBytes(), StandardCharsets.UTF_8);
        assertThat(ConfigReader.defaults(List.of("data.path=/data")).toHocon()).isEqualTo(pinned);
    }

    @Test
    void theResolvedConfigurationReadsBackEqual() throws IOException {
        RunConfig config = ConfigReader.defaults(List.of(
                "data.path=hdfs://name:9000/da ta/\"x\"",
                "optimizer.learning-rate=3e-4",
                "seed=-9000000000",
                "model.position.encoding=alibi",
                "evaluation.lengths=[64, 128]",
                "evaluation.protocols=[non-overlapping]",
                "train.round-schedule=[{from-step=1000, steps=50}, {from-step=2000, steps=7}]",
                "train.outer.schedule=[{from-step=10, learning-rate=0.5}]",
                "train.max-runtime=1.5h"));
        assertThat(config.train().maxRuntime()).hasMinutes(90);
        assertThat(config.data().path()).isEqualTo("hdfs://name:9000/da ta/\"x\"");
        assertThat(config.seed()).isEqualTo(-9_000_000_000L);
        assertThat(config.train().roundSchedule())
                .containsExactly(new TrainConfig.RoundLength(1000, 50), new TrainConfig.RoundLength(2000, 7));
        assertThat(ConfigReader.read(file("config.conf", config.toHocon()))).isEqualTo(config);
    }

    @Test
    void overridesBeatTheFileAndTheFileBeatsIncludesAndDefaults() throws IOException {
        file("shared.conf", "seqpe { data.path = /data, train { batch = 64, length = 256, steps = 5000 } }");
        Files.createDirectory(folder.resolve("sub"));
        String path = file("sub/run.conf", "include \"../shared.conf\"\nseqpe.train { length = 128, steps = 6000 }");
        RunConfig config = ConfigReader.read(path, List.of("train.steps=7000", "seqpe.name=mine"));
        assertThat(config.train().batch()).isEqualTo(64);
        assertThat(config.train().length()).isEqualTo(128);
        assertThat(config.train().steps()).isEqualTo(7000);
        assertThat(config.name()).isEqualTo("mine");
        assertThat(config.model().width()).isEqualTo(768);
    }

    @Test
    void aFileIsFoundRelativeToTheWorkingFolder() throws IOException {
        Path file = Path.of("target", "relative-test.conf");
        Files.writeString(file, "seqpe.data.path = relative/data");
        assertThat(ConfigReader.read(file.toString()).data().path()).isEqualTo("relative/data");
    }

    @Test
    void substitutionsReadTheEnvironment() throws IOException {
        String path = file("run.conf", "seqpe.data.path = ${PATH}/data");
        assertThat(ConfigReader.read(path).data().path()).isEqualTo(System.getenv("PATH") + "/data");
    }

    @Test
    void anUnknownKeyIsNamedWithFileLineAndTheNearestKnownKey() throws IOException {
        String path = file("run.conf", "seqpe {\n  data.path = /data\n  train {\n    step-per-round = 5\n  }\n}\n");
        assertRefused(
                path,
                "unknown key seqpe.train.step-per-round (" + path + ", line 4)",
                "did you mean seqpe.train.steps-per-round?");
        assertRefused(
                file("moved.conf", "seqpe.batch = 5"), "unknown key seqpe.batch", "did you mean seqpe.train.batch?");
        assertRefused(
                file("odd.conf", "seqpe.data { path = /d, xyzzyx = 1 }"),
                "unknown key seqpe.data.xyzzyx",
                "keys here are loader-threads, path, prefetch-mebibytes, train-split");
        assertRefused(
                file("root.conf", "\ntrain.batch = 5"),
                "unknown key train (" + folder + "/root.conf, line 2)",
                "under seqpe { ... }");
    }

    @Test
    void anUnknownKeyInAnIncludedFileNamesThatFile() throws IOException {
        String shared = file("shared.conf", "\n\nseqpe.sed = 3");
        assertRefused(file("run.conf", "include \"shared.conf\""), "seqpe.sed (" + shared + ", line 3)", "seqpe.seed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train.batch = many                      | seqpe.train.batch: expected a whole number, found \"many\"",
                "train.batch = 1.5                       | seqpe.train.batch: expected a whole number, found 1.5",
                "train.batch = 3000000000                | seqpe.train.batch: expected a whole number, found 3000000000",
                "train.batch = { }                       | seqpe.train.batch: expected a whole number, found a section",
                "train.batch = null                      | seqpe.train.batch: expected a whole number, found null",
                "train = 5                               | seqpe.train: expected a section { ... }, found 5",
                "model.dropout = high                    | seqpe.model.dropout: expected a number, found \"high\"",
                "optimizer.clip = NaN                    | seqpe.optimizer.clip: expected a number, found \"NaN\"",
                "model.position.encoding = SEQPE         | seqpe.model.position.encoding: expected one of seqpe, rope, rope-mixed, alibi, sinusoidal, learned, none, found \"SEQPE\"",
                "model.position.seqpe.multi-head = maybe | seqpe.model.position.seqpe.multi-head: expected true or false, found \"maybe\"",
                "evaluation.lengths = 512                | seqpe.evaluation.lengths: expected a list [...] of a whole number, found 512",
                "evaluation.lengths = [512, long]        | seqpe.evaluation.lengths: expected a whole number, found \"long\"",
                "train.round-schedule = 5                | seqpe.train.round-schedule: expected a list [...] of sections { from-step, steps }, found 5",
                "train.round-schedule = [{ step = 5 }]   | unknown key seqpe.train.round-schedule.step",
                "train.max-runtime = 90                  | seqpe.train.max-runtime: expected a time with its unit, such as 90m or 2h, found 90",
                "train.max-runtime = long                | seqpe.train.max-runtime: expected a time with its unit, such as 90m or 2h, found \"long\"",
                "name = [a]                              | seqpe.name: expected a text, found the list [a]"
            })
    void aWrongTypeIsNamedWithFileAndLine(String line, String message) throws IOException {
        String path = file("run.conf", "seqpe {\n  data.path = /data\n  " + line + "\n}\n");
        assertRefused(path, message, "(" + path + ", line 3)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model.heads = 7                                     | heads that divides the width, found 7 heads for width 768",
                "model.position.encoding = rope, model.heads = 256   | even head width",
                "model.position.seqpe.width = 100                    | encoder width that the model's 12 heads divide",
                "model.position.seqpe.temperature = 0                | a number above 0, found 0.0",
                "model.position.seqpe.digits = 4                     | at least 5 digits a dimension for max-position 20000, found 4",
                "model.dropout = 1                                   | from 0 to below 1, found 1.0",
                "model.vocabulary = 1                                | expected 0 (the tokenizer's) or at least 2, found 1",
                "train.length = 20001                                | training length of at most the 20000 positions",
                "train.length = 17000                                | room for windows shifted by length/4",
                "train.batch = 65536, train.accumulation = 64        | at most 2147483647 tokens in a replica's step (batch x accumulation x length), found 2147483648",
                "objective.contrastive { pivots = 1, candidates = 900000000 } | at least as many positions as the sampling window max(range, 5 candidates) = 4500000000",
                "objective.contrastive { pivots = 40000, candidates = 40000 } | coordinates of candidates (2 x pivots x candidates), found 3200000000",
                "objective.transfer { windows = 100000, offsets = 20000 } | coordinates of far positions (2 x windows x offsets), found 4000000000",
                "train.batch = 24                                    | set groups to a divisor of 24, the batch to a multiple of 16",
                "train.steps = 100                                   | warmup of at most the 100 steps",
                "train.steps = 0                                     | at least 1, found 0",
                "objective.contrastive.candidates = 3                | at least 4, found 3",
                "objective.contrastive.uniform-share = 0.7           | shares that sum to at most 1",
                "objective.contrastive.range = 30000                 | sampling window max(range, 5 candidates) = 30000, found 20000",
                "objective.transfer.offsets = 513                    | at most as many offsets as the training length 512",
                "objective.shift.pool = 15                           | pool of at least the 16 starts",
                "optimizer.learning-rate = 0                         | a number above 0",
                "optimizer.beta2 = 1                                 | from 0 to below 1",
                "evaluation.stride = 1024                            | stride 1024 and length 512",
                "evaluation.lengths = []                             | at least one window length",
                "model.position { encoding = learned, learned-rows = 100 } | learned table of at least the training length 512",
                "train.max-runtime = -3s                             | a time of at least 0, found -3s",
                "train.round-schedule = [{ from-step = 9, steps = 0 }] | steps: expected at least 1, found 0",
                "train.outer.schedule = [{ from-step = 9, learning-rate = 1 }, { from-step = 8, learning-rate = 2 }] | in the order of from-step, found 8 after 9",
                "data.path = \"\"                                    | set it to the folder that"
            })
    void contradictionsAreRefusedWithThePlaceAndTheRemedy(String line, String message) throws IOException {
        String path = file("run.conf", "seqpe {\n  data.path = /data\n\n  " + line + "\n}\n");
        assertRefused(path, message, "(" + path + ", line 4)");
    }

    /** What an image run must not say; each line begins with an image run that is right. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "image.resolution = 225                       | a resolution that patches of 16 pixels divide, found 225",
                "image.resolution = 32x                       | a resolution such as 224, or 224x320",
                "image.resolution = 1616                      | at most the 100 rows and columns of positions that there are, found 101 x 101",
                "model.position.seqpe.dimensions = 1          | expected 2, because patches have a row and a column, found 1",
                "model.position.encoding = alibi              | an encoding for rows and columns, found alibi",
                "model.position.encoding = rope, model.heads = 384 | a head width that 4 divides",
                "model.position.encoding = learned, model.position.learned-rows = 5 | expected 0",
                "train.batch = 31                             | an even batch, because mixup and cutmix mix pairs",
                "objective.transfer.offsets = 197             | at most as many offsets as the 196 patches",
                "image.augment.crop-area = [0.5]              | two numbers above 0, the smaller first",
                "image.augment.rand-augment.magnitude = 11    | a number from 0 to 10, found 11.0",
                "image.std = [1, 0, 1]                        | numbers above 0 for red, green and blue",
                "evaluation.resolutions = [224, 0]            | a resolution of at least 1 pixel",
                "evaluation.resolutions = [224, 224]          | different resolutions",
                "evaluation.crop-ratio = 1.5                  | a share above 0 and at most 1, found 1.5",
            })
    void contradictionsOfImageRunsAreRefused(String line, String message) throws IOException {
        String path = file(
                "run.conf",
                "seqpe {\n  data.path = /data, task = images, model.position { max-position = 10000, seqpe.dimensions = 2 }\n\n  "
                        + line + "\n}\n");
        assertRefused(path, message, "(" + path + ", line 4)");
    }

    @Test
    void sizesAreReadAsTheyAreWritten() {
        RunConfig config = ConfigReader.defaults(List.of(
                "data.path=/data",
                "task=images",
                "model.position.encoding=none",
                "image.resolution=64x96",
                "evaluation.resolutions=[64, 64x96, 96x64]"));
        assertThat(config.image().size()).isEqualTo(new Resolution(64, 96));
        assertThat(config.evaluation().sizes())
                .containsExactly(new Resolution(64, 64), new Resolution(64, 96), new Resolution(96, 64));
        assertThat(config.evaluation().sizes())
                .extracting(Resolution::toString)
                .containsExactly("64", "64x96", "96x64");
    }

    @Test
    void contradictionsNameTheOverrideAndTheDefaultThatTheyCameFrom() throws IOException {
        String path = file("run.conf", "seqpe.data.path = /data");
        assertThatThrownBy(() -> ConfigReader.read(path, List.of("model.width=100")))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(
                        "Cannot use seqpe.model.heads = 12 (default), seqpe.model.width = 100 (--set model.width=100): expected");
    }

    @Test
    void valuesThatOnlySeqPeReadsDoNotBindOtherEncodings() throws IOException {
        String path = file(
                "run.conf",
                "seqpe { data.path = /data, model.position.encoding = alibi, train.batch = 24, train.length = 17000 }");
        assertThat(ConfigReader.read(path).train().batch()).isEqualTo(24);
    }

    @Test
    void evaluationMayAskForMoreThanThereIs() throws IOException {
        String path = file("run.conf", "seqpe { data.path = /data, evaluation.lengths = [512, 100000] }");
        assertThat(ConfigReader.read(path).evaluation().lengths()).containsExactly(512, 100_000);
    }

    @Test
    void digitsFollowTheLargestPosition() {
        assertThat(ConfigReader.defaults(List.of("data.path=d"))
                        .model()
                        .position()
                        .digits())
                .isEqualTo(5);
        assertThat(ConfigReader.defaults(List.of("data.path=d", "model.position.max-position=10000"))
                        .model()
                        .position()
                        .digits())
                .isEqualTo(4);
        assertThat(PositionConfig.digitsFor(10_000, 2)).isEqualTo(2);
    }

    @Test
    void positionsOfTwoCoordinatesAreRefusedWhileNoTaskHasThem() {
        assertThatThrownBy(() -> ConfigReader.defaults(List.of("data.path=d", "model.position.seqpe.dimensions=2")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(
                        "seqpe.model.position.seqpe.dimensions = 2 (--set model.position.seqpe.dimensions=2): expected 1");
    }

    @Test
    void brokenFilesAndOverridesAreNamed() throws IOException {
        assertRefused(folder + "/missing.conf", "Cannot read " + folder + "/missing.conf: no such file");
        assertRefused(folder.toString(), "expected a file, found a folder");
        assertRefused(file("run.conf", "include \"gone.conf\""), "Cannot read " + folder + "/gone.conf: no such file");
        assertRefused(file("loop.conf", "include \"loop.conf\""), "it includes itself");
        assertRefused(file("syntax.conf", "seqpe {\n name = [\n"), folder + "/syntax.conf: ");
        assertRefused(file("unresolved.conf", "seqpe.name = ${no.such}"), "no.such");
        assertThatThrownBy(() -> ConfigReader.defaults(List.of("train.steps")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected key=value");
        assertThatThrownBy(() -> ConfigReader.defaults(List.of("evaluation.lengths=[1,")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--set evaluation.lengths=[1,");
        assertThatThrownBy(() -> ConfigReader.defaults(List.of("train..steps=1")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--set train..steps=1");
    }

    private static void assertRefused(String path, String... parts) {
        assertThatThrownBy(() -> ConfigReader.read(path))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(parts);
    }
}
