package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageSplit;

/** The way of pictures through the command line: prepare, inspect, and what refuses them. */
class ImageDatasetTest {
    @TempDir
    private Path folder;

    private CapturedOutput output;
    private Path input;
    private String data;

    @BeforeEach
    void makePictures() throws IOException {
        output = new CapturedOutput();
        input = folder.resolve("flowers");
        data = folder.resolve("data").toString();
        for (String split : List.of("train", "val")) {
            for (int i = 0; i < 6; i++) {
                Path picture = input.resolve(split + "/" + (i % 2 == 0 ? "rose" : "tulip") + "/" + i + ".png");
                Files.createDirectories(picture.getParent());
                BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
                image.setRGB(i, split.length(), Color.RED.getRGB());
                ImageIO.write(image, "png", picture.toFile());
            }
        }
        Files.writeString(input.resolve("train/rose/notes.txt"), "no picture");
    }

    @AfterEach
    void restore() {
        output.close();
    }

    private int prepare(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("prepare", "--input", input.toString(), "--output", data, "--master", "local[2]"));
        arguments.addAll(List.of(more));
        return Seqpe.run(arguments.toArray(String[]::new));
    }

    @Test
    void prepareFindsPicturesAndInspectShowsThem() throws IOException {
        assertThat(prepare()).isZero();
        assertThat(output.printed())
                .contains("read ", "13 files", "6 pictures", "2 classes, 1 skipped: neither JPEG nor PNG", "Dataset: ");
        assertThat(output.complained()).contains("train/rose/notes.txt");

        assertThat(Seqpe.run("inspect", data, "--verify")).isZero();
        assertThat(output.printed())
                .contains(
                        "corpus       flowers (image-folders, 13 files",
                        "splits       named by the corpus",
                        "pictures     stored as they came",
                        "classes      2: rose; tulip",
                        "every file is as the manifest says");

        Path sheet = folder.resolve("sheet.png");
        assertThat(Seqpe.run("inspect", "--data", data, "--sheet", sheet.toString(), "--set", "image.resolution=32"))
                .isZero();
        assertThat(output.printed()).contains("rows of ", "7 epochs of training");
        BufferedImage drawn = ImageIO.read(sheet.toFile());
        assertThat(drawn.getWidth()).isEqualTo(8 * 36 + 4);
        // Six pictures; too few for a mixed batch.
        assertThat(drawn.getHeight()).isEqualTo(6 * 36 + 4);
        assertThat(Seqpe.run(
                        "inspect",
                        "--data",
                        data,
                        "--sheet",
                        folder.resolve("sheet.jpg").toString()))
                .isEqualTo(2);
        assertThat(output.complained()).contains("a name that ends in .png");
        assertThat(Seqpe.run("inspect", folder.toString(), "--sheet", sheet.toString()))
                .isEqualTo(2);
        assertThat(output.complained()).contains("expected a dataset of images");
        assertThat(Seqpe.run("inspect", data, "--set", "image.resolution=32")).isEqualTo(2);
        assertThat(output.complained()).contains("add --sheet FILE.png");

        try (ImageSplit split = ImageDataset.open(data).split("validation")) {
            assertThat(split.size()).isEqualTo(6);
            assertThat(split.label(5)).isEqualTo(1);
        }
        assertThat(prepare("--overwrite", "--resize", "15", "--splits", "train", "--shard-bytes", "100"))
                .isZero();
        assertThat(Seqpe.run("inspect", data)).isZero();
        assertThat(output.printed()).contains("reduced to a short side of 15 pixels");
    }

    @Test
    void whatDoesNotSuitIsRefused() throws IOException {
        assertThat(prepare("--tokenizer", "bytes")).isEqualTo(2);
        assertThat(output.complained()).contains("Cannot use --tokenizer: the input is pictures");
        assertThat(prepare("--no-skip-invalid")).isEqualTo(2);
        assertThat(output.complained()).contains("train/rose/notes.txt", "neither JPEG nor PNG", "--skip-invalid");
        assertThat(prepare("--corpus", "image-tables")).isEqualTo(2);
        assertThat(output.complained()).contains("'image-tables'", "wikitext", "image-parquet");
        assertThat(prepare("--resize", "-1")).isEqualTo(2);
        assertThat(output.complained()).contains("short side of -1");
        assertThat(Path.of(data)).doesNotExist();

        input = Files.writeString(folder.resolve("text.txt"), "one two three\n\n".repeat(500));
        assertThat(prepare("--resize", "100")).isEqualTo(2);
        assertThat(output.complained()).contains("Cannot use --resize: the input is text");
        assertThat(prepare("--ratios", "0.8,0.1,0.1", "--tokenizer", "bytes")).isZero();
    }
}
