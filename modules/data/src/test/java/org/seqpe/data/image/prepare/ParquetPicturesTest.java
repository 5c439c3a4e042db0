package org.seqpe.data.image.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.image.corpus.ImageColumns;
import org.seqpe.data.image.corpus.PictureSource;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageManifest;

/** Whole preparations of Parquet files with a picture in each row. */
class ParquetPicturesTest {
    /** As data hubs write it. */
    private static final String HUB =
            """
            message schema {
              optional group image { optional binary bytes; optional binary path (STRING); }
              optional int64 label;
            }
            """;

    private static final String PLAIN =
            """
            message schema {
              required int32 number;
              optional binary img;
              optional binary kind (STRING);
            }
            """;

    private static final String NAMES = "{\"info\": {\"features\": {\"image\": {\"_type\": \"Image\"}, \"label\":"
            + " {\"names\": [\"zebra, striped\", \"ape\", \"none of it\"], \"_type\": \"ClassLabel\"}}}}";

    @TempDir
    private Path folder;

    private Path input;

    @BeforeEach
    void makeInput() throws IOException {
        input = Files.createDirectory(folder.resolve("hub"));
    }

    private ImageRequest.Builder request(String output) {
        return ImageRequest.of(List.of(input.toString()), folder.resolve(output).toString());
    }

    private interface Rows {
        void fill(Group row, int number) throws IOException;
    }

    private void write(String name, String schema, Map<String, String> notes, int rows, Rows content)
            throws IOException {
        MessageType type = MessageTypeParser.parseMessageType(schema);
        Files.createDirectories(input.resolve(name).getParent());
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(
                        HadoopFiles.hadoopPath(input.resolve(name).toString()))
                .withConf(new Configuration())
                .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                .withType(type)
                .withRowGroupSize(2000L)
                .withExtraMetaData(notes)
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .build()) {
            SimpleGroupFactory factory = new SimpleGroupFactory(type);
            for (int i = 0; i < rows; i++) {
                Group row = factory.newGroup();
                content.fill(row, i);
                writer.write(row);
            }
        }
        // Hadoop's checksum of a local file.
        Files.delete(
                input.resolve(name).resolveSibling("." + input.resolve(name).getFileName() + ".crc"));
    }

    private static void hub(Group row, byte[] picture, long label) {
        Group image = row.addGroup("image");
        image.add("bytes", Binary.fromConstantByteArray(picture));
        image.add("path", "a/b.jpg");
        row.add("label", label);
    }

    @Test
    void splitsComeFromFilesAndNamesFromTheNoteOfTheHub() throws IOException {
        Map<String, String> notes = Map.of("huggingface", NAMES);
        write("data/train-00000-of-00002.parquet", HUB, notes, 40, (row, i) -> hub(row, SamplePictures.jpeg(i), i % 2));
        write("data/train-00001-of-00002.parquet", HUB, notes, 3, (row, i) -> hub(row, SamplePictures.png(i), 1));
        write("data/validation-00000-of-00001.parquet", HUB, notes, 4, (row, i) -> {
            // Three rows that are no use: no label, no picture, nothing at all.
            if (i == 0) {
                hub(row, SamplePictures.jpeg(100), 0);
            } else if (i == 1) {
                hub(row, SamplePictures.jpeg(101), -1);
            } else if (i == 2) {
                hub(row, new byte[0], 1);
            }
        });
        write("data/test-00000-of-00001.parquet", HUB, notes, 5, (row, i) -> hub(row, SamplePictures.jpeg(i), -1));
        Files.writeString(input.resolve("README.md"), "About it");

        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the split test would be empty")
                .hasMessageContaining("no label")
                .hasMessageContaining("--splits");
        List<String> said = new ArrayList<>();
        ImageDataset dataset = Preparations.run(request("out").splits(List.of("train", "validation")), said);
        assertThat(dataset.manifest().corpus().kind()).isEqualTo("image-parquet");
        assertThat(dataset.manifest().corpus().files()).isEqualTo(3);
        assertThat(dataset.manifest().corpus().leftOut())
                .containsOnlyKeys("no pictures of this corpus by its name", "split not wanted");
        assertThat(dataset.classes())
                .extracting(ImageManifest.PictureClass::name)
                .containsExactly("zebra, striped", "ape", "none of it");
        List<Map.Entry<String, byte[]>> train = Preparations.pictures(dataset, "train");
        assertThat(train).hasSize(43);
        for (int i = 0; i < 40; i++) {
            assertThat(train.get(i).getKey()).isEqualTo(i % 2 == 0 ? "zebra, striped" : "ape");
            assertThat(train.get(i).getValue()).isEqualTo(SamplePictures.jpeg(i));
        }
        assertThat(train.get(42).getValue()).isEqualTo(SamplePictures.png(2));
        assertThat(Preparations.classesOf(dataset, "validation")).containsExactly("zebra, striped");
        assertThat(dataset.manifest().splits().get("validation").skipped())
                .containsEntry(PictureSource.NO_LABEL, 2L)
                .containsEntry("no bytes", 1L);
        assertThat(said)
                .anyMatch(note -> note.contains("no picture of 1 of 3 classes: none of it"))
                .anyMatch(note -> note.contains("data/validation-00000-of-00001.parquet, row 1"));
        dataset.verify();
    }

    @Test
    void theNoteMayNameTheFeaturesDirectly() throws IOException {
        Map<String, String> notes =
                Map.of("huggingface", "{\"features\": {\"label\": {\"names\": [\"yes\", \"no\"]}}}");
        write("train.parquet", HUB, notes, 4, (row, i) -> hub(row, SamplePictures.jpeg(i), i % 2));
        ImageDataset dataset = Preparations.run(request("out"));
        assertThat(Preparations.classesOf(dataset, "train")).containsExactly("yes", "no", "yes", "no");
    }

    @Test
    void numbersWithoutNamesAreTheNames() throws IOException {
        int[] labels = {10, 2, 9};
        write("train.parquet", HUB, Map.of(), 6, (row, i) -> hub(row, SamplePictures.jpeg(i), labels[i % 3]));
        ImageDataset dataset = Preparations.run(request("out").ratios(new SplitRatios(1, 0, 0)));
        assertThat(dataset.classes())
                .extracting(ImageManifest.PictureClass::name)
                .containsExactly("2", "9", "10");
        assertThat(Preparations.classesOf(dataset, "train")).containsExactly("10", "2", "9", "10", "2", "9");
    }

    @Test
    void plainBytesAndNamesInOtherColumnsAreSplitByContent() throws IOException {
        write("rows.parquet", PLAIN, Map.of(), 60, (row, i) -> {
            row.add("number", i);
            row.add("img", Binary.fromConstantByteArray(SamplePictures.jpeg(i)));
            row.add("kind", i % 2 == 0 ? "Hündin" : "cat");
        });
        ImageRequest.Builder request =
                request("out").columns(new ImageColumns("img", "kind")).ratios(new SplitRatios(0.7, 0.3, 0));
        ImageDataset dataset = Preparations.run(request);
        assertThat(dataset.manifest().splits()).containsOnlyKeys("train", "validation");
        assertThat(dataset.manifest().corpus().splitRule()).startsWith("by content");
        assertThat(dataset.classes())
                .extracting(ImageManifest.PictureClass::name)
                .containsExactly("Hündin", "cat");
        assertThat(Preparations.classesOf(dataset, "train")).contains("cat", "Hündin");
        assertThatThrownBy(() -> Preparations.run(request("other").corpus("image-parquet")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a column 'image' of pictures")
                .hasMessageContaining("binary img")
                .hasMessageContaining("--image-column");
    }

    @Test
    void classesThatContradictAreRefused() throws IOException {
        Map<String, String> notes = Map.of("huggingface", NAMES);
        write("train-0.parquet", HUB, notes, 3, (row, i) -> hub(row, SamplePictures.jpeg(i), i));
        write("validation-0.parquet", HUB, notes, 4, (row, i) -> hub(row, SamplePictures.jpeg(10 + i), i));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected labels below 3")
                .hasMessageContaining("found 3 in row 3");
        write("validation-0.parquet", HUB, Map.of(), 3, (row, i) -> hub(row, SamplePictures.jpeg(10 + i), i));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected the same classes in all files");
        // Neither labels of train nor names tell a class of validation.
        write("train-0.parquet", HUB, Map.of(), 3, (row, i) -> hub(row, SamplePictures.jpeg(i), 0));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the split validation has 2 classes that the split train lacks: 1, 2");
    }

    @Test
    void tablesThatAreNoneAreRefused() throws IOException {
        Files.write(input.resolve("train.parquet"), "PAR1 no table".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("it is no Parquet file");
    }
}
