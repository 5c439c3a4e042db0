package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.run.RunFolder;

/** The way from text to report, as a user goes it, with a model that is as small as possible. */
class TrainCommandTest {
    private static final List<String> SMALL = List.of(
            "--set",
            "model.width=16",
            "--set",
            "model.layers=1",
            "--set",
            "model.heads=2",
            "--set",
            "train.length=32",
            "--set",
            "train.steps=8",
            "--set",
            "train.steps-per-round=2",
            "--set",
            "train.validate-every=2",
            "--set",
            "optimizer.schedule.warmup-steps=2",
            "--set",
            "evaluation.lengths=[32, 64]",
            "--set",
            "evaluation.stride=32",
            "--set",
            "evaluation.max-tokens=500",
            "--set",
            "device.threads=1");

    @TempDir
    Path folder;

    private CapturedOutput output;
    private String text;

    @BeforeEach
    void write() throws IOException {
        StringBuilder numbers = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            numbers.append(i % 7 * (i % 11)).append(i % 50 == 0 ? "\n\n" : " ");
        }
        text = Files.writeString(folder.resolve("text.txt"), numbers).toString();
        output = new CapturedOutput();
    }

    @AfterEach
    void restore() {
        output.close();
    }

    private int seqpe(List<String> more, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(more);
        return Seqpe.run(all.toArray(String[]::new));
    }

    /** Pictures of the user's own, small enough for seconds. */
    @Test
    void quickstartOfImagesLeavesARunWithItsReportAndASheet() throws IOException {
        for (String split : List.of("train", "val", "test")) {
            for (int i = 0; i < 24; i++) {
                Path picture =
                        folder.resolve("dots/" + split + "/" + (i % 2 == 0 ? "left" : "right") + "/" + i + ".png");
                Files.createDirectories(picture.getParent());
                BufferedImage image = new BufferedImage(24, 24, BufferedImage.TYPE_INT_RGB);
                image.setRGB(i % 2 == 0 ? 3 : 20, i, 0xffffff - 40 * split.charAt(1));
                ImageIO.write(image, "png", picture.toFile());
            }
        }
        String run = folder.resolve("run").toString();
        List<String> small = new ArrayList<>();
        for (String setting : List.of(
                "train.steps=4",
                "train.steps-per-round=2",
                "train.batch=4",
                "train.validate-every=1",
                "train.checkpoint-every=1",
                "objective.shift.groups=2",
                "optimizer.schedule.warmup-steps=2",
                "image.resolution=16",
                "objective.transfer.offsets=8",
                "evaluation.resolutions=[16, 16x24]")) {
            small.addAll(List.of("--set", setting));
        }
        String[] quickstart = {
            "quickstart", "--images", "--input", folder.resolve("dots").toString(), "--run", run, "--master", "local[2]"
        };
        assertThat(seqpe(small, quickstart)).as(output::complained).isZero();
        assertThat(output.printed())
                .contains(
                        "Trained 4 steps, 32 images in all",
                        "Nats per picture:",
                        "Top-1 accuracy in %, centre crops",
                        "16x24",
                        "Report: " + run + "/report.html");
        assertThat(folder.resolve("run")).isDirectoryContaining("glob:**/{augmented.png}");
        assertThat(Files.readString(folder.resolve("run/report.html"))).contains("Most confused classes");
        assertThat(Seqpe.run("sweep", run, "--lengths", "64")).isEqualTo(2);
        assertThat(output.complained()).contains("image runs are measured at resolutions");
        assertThat(Seqpe.run("sweep", run, "--resolutions", "24"))
                .as(output::complained)
                .isZero();
        assertThat(Seqpe.run("report", run)).as(output::complained).isZero();
        assertThat(Seqpe.run("inspect", run)).as(output::complained).isZero();
        assertThat(Seqpe.run("train", "--conf", "imagenet-vit-s", "--set", "data.path=" + run + "/data", "--dry-run"))
                .as(output::complained)
                .isZero();
        assertThat(output.printed()).contains("images a step", "1,024");
    }

    @Test
    void quickstartLeavesARunWithItsReportAndContinuesIt() throws IOException {
        String run = folder.resolve("run").toString();
        String[] quickstart = {"quickstart", "--input", text, "--run", run, "--master", "local[2]"};
        assertThat(seqpe(SMALL, quickstart)).as(output::complained).isZero();
        assertThat(output.printed())
                .contains(
                        "Trained 8 steps",
                        "validation",
                        "Perplexity, sliding windows",
                        "Report: " + run + "/report.html");
        assertThat(folder.resolve("run"))
                .isDirectoryContaining("glob:**/{report.html}")
                .isDirectoryContaining("glob:**/{sweep.csv}");
        assertThat(new RunFolder(run).metrics().lines()).hasSize(4);
        byte[] model = Files.readAllBytes(folder.resolve("run/checkpoints/step-00000008/model.safetensors"));

        assertThat(seqpe(SMALL, quickstart)).as(output::complained).isZero();
        assertThat(output.printed()).contains("nothing was left to do");
        assertThat(Files.readAllBytes(folder.resolve("run/checkpoints/step-00000008/model.safetensors")))
                .isEqualTo(model);

        Files.writeString(folder.resolve("text.txt"), "something else entirely ".repeat(2000));
        assertThat(seqpe(SMALL, quickstart)).isEqualTo(2);
        assertThat(output.complained()).contains("made of another text", "--run");
    }

    @Test
    void trainPlansBeginsAndRefusesToContinueDifferently() {
        String data = folder.resolve("data").toString();
        String run = folder.resolve("run").toString();
        assertThat(Seqpe.run(
                        "prepare",
                        "--input",
                        text,
                        "--output",
                        data,
                        "--tokenizer",
                        "bytes",
                        "--ratios",
                        "0.8,0.1,0.1",
                        "--master",
                        "local[1]"))
                .isZero();
        String[] train = {
            "train", "--conf", "quickstart", "--set", "data.path=" + data, "--run", run, "--master", "local[1]"
        };

        List<String> dry = new ArrayList<>(SMALL);
        dry.add("--dry-run");
        assertThat(seqpe(dry, train)).as(output::complained).isZero();
        assertThat(output.printed()).contains("position encoder", "rounds", "bytes a round");
        assertThat(folder.resolve("run")).doesNotExist();

        assertThat(seqpe(SMALL, train)).as(output::complained).isZero();
        assertThat(output.printed()).contains("Trained 8 steps", "Run: " + run);

        List<String> different = new ArrayList<>(SMALL);
        different.addAll(List.of("--set", "optimizer.learning-rate=0.5"));
        assertThat(seqpe(different, train)).isEqualTo(2);
        assertThat(output.complained()).contains("seqpe.optimizer.learning-rate: 0.002 there, 0.5 now");
        assertThat(seqpe(SMALL, "train", "--conf", "wikitxt103")).isEqualTo(2);
        assertThat(output.complained()).contains("ready there: ", "pg19, qa, quickstart", "wikitext103");
    }

    /**
     * A run that ends early prints its command; a failure prints what it was given; the run folder holds the
     * configuration.
     */
    @Test
    void credentialsAreNeitherPrintedNorWrittenDown() throws IOException {
        String data = folder.resolve("data").toString();
        Path run = folder.resolve("run");
        Path properties = Files.writeString(
                folder.resolve("spark.properties"),
                "spark.hadoop.fs.s3a.access.key Planted1\nspark.ssl.keyPassword=Planted2\n");
        assertThat(Seqpe.run(
                        "prepare",
                        "--input",
                        text,
                        "--output",
                        data,
                        "--tokenizer",
                        "bytes",
                        "--ratios",
                        "0.8,0.1,0.1",
                        "--master",
                        "local[1]"))
                .isZero();
        String[] train = {
            "train",
            "--conf",
            "quickstart",
            "--set",
            "data.path=" + data,
            "--run",
            run.toString(),
            "--master",
            "local[1]",
            "--spark-file",
            properties.toString(),
            "--spark",
            "spark.hadoop.fs.s3a.secret.key=Planted3",
            "--max-runtime",
            "1ms"
        };
        assertThat(seqpe(SMALL, train)).as(output::complained).isZero();
        assertThat(output.printed())
                .contains(
                        "The same command goes on",
                        "spark.hadoop.fs.s3a.secret.key=*********(redacted)",
                        "--spark-file");
        assertThat(Seqpe.run(
                        "sweep",
                        run.toString(),
                        "--output",
                        folder.resolve("swept").toString(),
                        "--cluster",
                        "--master",
                        "local[1]",
                        "--spark-file",
                        properties.toString()))
                .isZero();
        assertThat(Seqpe.run("inspect", run.toString())).isZero();

        assertThat(seqpe(SMALL, "train", "--verbose", "--conf", "quickstart", "--set", "fs.s3a.secret.key=Planted4"))
                .isEqualTo(2);
        assertThat(seqpe(
                        SMALL,
                        "train",
                        "--conf",
                        "quickstart",
                        "--set",
                        "data.path=s3a://user:Planted5@bucket/data",
                        "--run",
                        folder.resolve("other").toString(),
                        "--master",
                        "local[1]"))
                .isEqualTo(2);
        assertThat(output.complained()).contains("expected no password in a path");
        assertThat(seqpe(SMALL, "train", "--spark", "fs.s3a.secret.key=Planted6", "--fs.s3a.secret.key=Planted7"))
                .isEqualTo(2);
        assertThat(seqpe(
                        SMALL,
                        "train",
                        "--conf",
                        "quickstart",
                        "--master",
                        "local[1]",
                        "--spark-file",
                        folder.resolve("none").toString()))
                .isEqualTo(2);

        assertThat(output.printed() + output.complained()).doesNotContain("Planted");
        Files.delete(properties);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("Planted");
            }
        }
    }
}
