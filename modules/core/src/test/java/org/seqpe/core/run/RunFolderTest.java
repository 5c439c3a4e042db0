package org.seqpe.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.BuildInfo;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;

class RunFolderTest {
    @TempDir
    Path temporary;

    private Path folder;
    private RunFolder run;

    record State(long round, long sample) {}

    @BeforeEach
    void make() {
        folder = temporary.resolve("run");
        run = new RunFolder(folder.toString());
    }

    private static RunConfig config(String... overrides) {
        List<String> all = new java.util.ArrayList<>(List.of("data.path=/data"));
        all.addAll(List.of(overrides));
        return ConfigReader.defaults(all);
    }

    private void checkpoint(long step) {
        run.checkpoints()
                .write(
                        step,
                        new State(step / 10, step * 32),
                        Map.of(
                                "model.safetensors",
                                out -> out.write(("weights " + step).getBytes()),
                                "replica-0.safetensors",
                                out -> out.write(new byte[3_000_000])));
    }

    @Test
    void aRunContinuesOnlyAsItBegan() {
        assertThat(run.exists()).isFalse();
        assertThatThrownBy(run::config).isInstanceOf(UserException.class).hasMessageContaining("config.conf");
        RunInfo info = RunInfo.now("first", "cpu", "ab12", 4);
        run.begin(config(), info);
        RunConfig moved = config("device.threads=2", "evaluation.lengths=[1024]", "data.path=/moved");
        run.begin(moved, RunInfo.now("again", "cpu", "ab12", 4));
        assertThat(run.config()).isEqualTo(config());
        run.saveConfig(moved);
        assertThat(run.config()).isEqualTo(moved);
        assertThat(run.info()).isEqualTo(info);
        assertThat(run.info().versions()).containsKeys("seqpe", "spark", "dl4j", "java");

        assertThatThrownBy(() -> run.begin(config("train.batch=64", "seed=2"), info))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        folder.toString(), "seqpe.train.batch: 32 there, 64 now", "seqpe.seed: 1 there, 2 now");
        assertThatThrownBy(() -> run.begin(config(), RunInfo.now("first", "cpu", "ffff", 4)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("data manifest: ab12 there, ffff now");
    }

    @Test
    void stepsMayBeRaisedButNotLowered() {
        RunInfo info = RunInfo.now("first", "cpu", "ab12", 4);
        run.begin(config("train.steps=9000"), info);
        run.begin(config("train.steps=90000"), info);
        run.saveConfig(config("train.steps=90000"));
        assertThat(run.config().train().steps()).isEqualTo(90000);
        assertThatThrownBy(() -> run.begin(config("train.steps=9000"), info))
                .hasMessageContaining("seqpe.train.steps: 90000 there, 9000 now");
    }

    /** Its configuration has no outer optimizer; plain averaging was all there was. */
    @Test
    void aRunFromBeforeAKeyExistedIsWhatItWasThen() throws IOException {
        RunInfo info = RunInfo.now("first", "cpu", "ab12", 4);
        RunConfig averaged = config("train.outer.optimizer=average");
        run.begin(averaged, info);
        Path file = folder.resolve("config.conf");
        Files.writeString(file, Files.readString(file).replaceAll("(?s)outer \\{.*?}", ""));
        assertThat(run.config()).isEqualTo(averaged);
        run.begin(averaged, info);
        assertThatThrownBy(() -> run.begin(config(), info))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("seqpe.train.outer.optimizer: average there, auto now");
    }

    @Test
    void anotherNumberOfReplicasIsADeliberateOperation() throws IOException {
        RunInfo info = RunInfo.now("first", "cpu", "ab12", 4);
        run.begin(config(), info);
        RunConfig halved = config("train.replicas=2", "train.batch=64");
        assertThatThrownBy(() -> run.begin(halved, info))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("seqpe.train.replicas: 4 there, 2 now", "--replicas 2");
        run.begin(halved, info, true);
        assertThatThrownBy(() -> run.begin(config("train.replicas=2", "seed=2"), info, true))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("seqpe.seed")
                .hasMessageNotContaining("replicas:");

        run.recordReplicas(100, 2);
        run.recordReplicas(200, 8);
        run.recordReplicas(150, 3);
        assertThat(run.info().replicas()).isEqualTo(4);
        assertThat(run.info().changes())
                .containsExactly(new RunInfo.ReplicaChange(100, 2), new RunInfo.ReplicaChange(150, 3));
        Path file = folder.resolve("run.json");
        Files.writeString(file, Files.readString(file).replaceAll("(?s),\\s*\"changes\".*\\]", ""));
        assertThat(run.info()).as("written before there could be changes").isEqualTo(info);
    }

    @Test
    void filesOfOtherProcessesBelongToTheCheckpoint() throws IOException {
        run.checkpoints().write(10, new State(1, 2), Map.of("model.safetensors", out -> out.write(1)), folder -> {
            Checkpoints.writeFile(folder, "replica-0.safetensors.of-a-killed-process", out -> out.write(new byte[3]));
            return List.of(Checkpoints.writeFile(folder, "replica-0.safetensors", out -> out.write(new byte[7])));
        });
        assertThat(folder.resolve("checkpoints/step-00000010").toFile().list())
                .containsExactlyInAnyOrder("checkpoint.json", "model.safetensors", "replica-0.safetensors");
        assertThat(run.checkpoints().latest().orElseThrow().manifest().files())
                .extracting(Checkpoints.FileEntry::name)
                .containsExactly("model.safetensors", "replica-0.safetensors");
        Files.delete(folder.resolve("checkpoints/step-00000010/replica-0.safetensors"));
        assertDamaged("replica-0.safetensors is missing");
    }

    @Test
    void theLatestCheckpointIsTheNewestWholeOne() throws IOException {
        assertThat(run.checkpoints().latest()).isEmpty();
        checkpoint(90);
        checkpoint(100);
        Files.createDirectories(folder.resolve("checkpoints/temporary-step-00000110"));
        Files.writeString(folder.resolve("checkpoints/temporary-step-00000110/model.safetensors"), "half");

        Checkpoints.Checkpoint latest = run.checkpoints().latest().orElseThrow();
        assertThat(latest.step()).isEqualTo(100);
        assertThat(latest.state(State.class)).isEqualTo(new State(10, 3200));
        assertThat(HadoopFiles.readString(latest.file("model.safetensors"))).isEqualTo("weights 100");

        checkpoint(100_000_000);
        assertThat(run.checkpoints().steps()).containsExactly(90L, 100L, 100_000_000L);
        assertThat(folder.resolve("checkpoints/temporary-step-00000110")).doesNotExist();
    }

    @Test
    void aWriterThatFailsLeavesTheLastCheckpoint() {
        checkpoint(10);
        assertThatThrownBy(() -> run.checkpoints().write(20, Map.of(), Map.of("model.safetensors", out -> {
                    throw new IOException("No space left on device");
                })))
                .hasMessageContainingAll("model.safetensors", "No space left on device");
        assertThat(run.checkpoints().latest().orElseThrow().step()).isEqualTo(10);
        assertThat(folder.resolve("checkpoints/temporary-step-00000020")).doesNotExist();
    }

    @Test
    void damageIsNamed() throws IOException {
        checkpoint(10);
        checkpoint(20);
        Path file = folder.resolve("checkpoints/step-00000020/replica-0.safetensors");

        byte[] whole = Files.readAllBytes(file);
        whole[1_000_000] ^= 1;
        Files.write(file, whole);
        assertDamaged("expected SHA-256", file.toString());
        Files.write(file, new byte[77]);
        assertDamaged("expected 3000000 bytes in " + file + ", found 77");
        Files.delete(file);
        assertDamaged(file + " is missing", "go back to the one before");
        Files.delete(file.resolveSibling("checkpoint.json"));
        assertDamaged("checkpoint.json is missing");
        HadoopFiles.delete(file.getParent().toString());
        assertThat(run.checkpoints().latest().orElseThrow().step()).isEqualTo(10);
    }

    private void assertDamaged(String... parts) {
        assertThatThrownBy(() -> run.checkpoints().latest())
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(parts);
    }

    /** Another format may have anything else in it. */
    @Test
    void aCheckpointOfAnotherFormatIsRefusedWithTheReason() throws IOException {
        checkpoint(10);
        Path manifest = folder.resolve("checkpoints/step-00000010/checkpoint.json");
        Files.writeString(manifest, "{\"format\": 2, \"commit\": \"ab12\", \"shards\": []}");
        assertDamaged(
                "expected format 1, found 2",
                "written by commit ab12, this is commit " + BuildInfo.commit(),
                "continue with that version, or begin another run");
    }

    @Test
    void aStateWithOtherFieldsIsRefusedWithTheReason() throws IOException {
        checkpoint(10);
        Path manifest = folder.resolve("checkpoints/step-00000010/checkpoint.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"sample\"", "\"position\""));
        Checkpoints.Checkpoint other = run.checkpoints().latest().orElseThrow();
        assertThatThrownBy(() -> other.state(State.class))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        manifest.toString(), "sample", "continue with that version, or begin another run");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "null",
                "[]",
                "{\"format\": 1}",
                "{\"format\": 1, \"step\": 10, \"commit\": \"ab12\", \"state\": {}, \"files\": null}"
            })
    void aManifestThatSaysTooLittleIsNamedWithTheWayBack(String content) throws IOException {
        checkpoint(10);
        Path manifest = folder.resolve("checkpoints/step-00000010/checkpoint.json");
        Files.writeString(manifest, content);
        assertDamaged("Cannot use the checkpoint", manifest.toString(), "go back to the one before");
    }

    /** Months later the keys may be others. */
    @Test
    void aConfigurationThatThisVersionDoesNotKnowIsRefusedWithTheReason() throws IOException {
        run.begin(config(), RunInfo.now("first", "cpu", "ab12", 4));
        Path file = folder.resolve("config.conf");
        Files.writeString(file, "seqpe.train.warp = 9\n", StandardOpenOption.APPEND);
        Path info = folder.resolve("run.json");
        Files.writeString(
                info, Files.readString(info).replaceFirst("\"commit\" : \"[^\"]*\"", "\"commit\" : \"c0ffee\""));
        assertThatThrownBy(run::config)
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        "unknown key seqpe.train.warp",
                        file.toString(),
                        "begun by commit c0ffee",
                        "continue it with that version, or begin another run");
        assertThatThrownBy(() -> run.begin(config(), RunInfo.now("first", "cpu", "ab12", 4)))
                .hasMessageContaining("begun by commit c0ffee");
    }

    @Test
    void oldCheckpointsGoAndTheBestStays() {
        for (long step = 10; step <= 50; step += 10) {
            checkpoint(step);
        }
        run.checkpoints().markBest(new Checkpoints.Best(20, 3.5));
        run.checkpoints().keepNewest(2);
        assertThat(run.checkpoints().steps()).containsExactly(20L, 40L, 50L);
        assertThat(run.checkpoints().best().orElseThrow().step()).isEqualTo(20);
        assertThat(run.checkpoints().bestValidation()).contains(new Checkpoints.Best(20, 3.5));
    }

    /** A version that wrote the digits of the machine's locale has left such folders. */
    @Test
    void foldersNamedWithTheDigitsOfAnotherScriptAreFound() throws IOException {
        for (long step = 10; step <= 40; step += 10) {
            checkpoint(step);
            Path checkpoints = folder.resolve("checkpoints");
            if (step <= 30) {
                Files.move(
                        checkpoints.resolve("step-000000" + step),
                        checkpoints.resolve(
                                String.format(Locale.forLanguageTag("ar-EG-u-nu-arab"), "step-%08d", step)));
            }
        }
        run.checkpoints().markBest(new Checkpoints.Best(20, 3.5));
        assertThat(run.checkpoints().steps()).containsExactly(10L, 20L, 30L, 40L);
        run.checkpoints().keepNewest(1);
        assertThat(run.checkpoints().steps()).containsExactly(20L, 40L);
        assertThat(run.checkpoints().best().orElseThrow().state(State.class)).isEqualTo(new State(2, 640));
        checkpoint(20);
        assertThat(run.checkpoints().steps()).as("one folder of each step").containsExactly(20L, 40L);
        assertThat(folder.resolve("checkpoints/step-00000020")).isDirectory();
    }

    @Test
    void metricsAreTruncatedToTheRoundOfTheCheckpoint() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        run.metrics().truncateAfter(3);
        for (int round = 1; round <= 5; round++) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("step", 10 * round);
            values.put("loss", 5.0 / round);
            run.metrics().append(round, values);
        }
        assertThat(Files.readAllLines(file).get(1)).isEqualTo("{\"round\":2,\"step\":20,\"loss\":2.5}");
        Files.writeString(file, "{\"round\":6,\"lo", StandardOpenOption.APPEND);
        run.metrics().truncateAfter(3);
        run.metrics().append(4, Map.of("loss", 1f));
        assertThat(Files.readAllLines(file)).hasSize(4).last().isEqualTo("{\"round\":4,\"loss\":1.0}");

        assertThatThrownBy(() -> run.metrics().append(5, Map.of("loss", Double.NaN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("finite number, found NaN");
        Files.writeString(file, "{\"round\":1}\n{nonsense}\n{\"round\":3}\n");
        assertThatThrownBy(() -> run.metrics().lines())
                .isInstanceOf(UserException.class)
                .hasMessageContaining(file + " line 2");
    }
}
