package org.seqpe.data.image.prepare;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageSplit;
import org.seqpe.data.image.shard.PictureShardInfo;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.TaskRunner;

/** Preparations in this thread, and what they left. */
public final class Preparations {
    private Preparations() {}

    public static TaskRunner inOrder() {
        return (stage, tasks, work) -> {
            List<String> results = new ArrayList<>();
            for (String task : tasks) {
                results.add(work.run(task, "try" + results.size()));
            }
            return results;
        };
    }

    /** The last task first. */
    public static TaskRunner backwards() {
        return (stage, tasks, work) -> {
            List<String> results = new ArrayList<>();
            for (int i = tasks.size() - 1; i >= 0; i--) {
                results.add(0, work.run(tasks.get(i), "again" + i));
            }
            return results;
        };
    }

    static ImageDataset run(ImageRequest.Builder request, List<String> notes) {
        return new ImagePreparation(request.build(), inOrder(), noting(notes), "test").run();
    }

    static ImageDataset run(ImageRequest.Builder request) {
        return run(request, new ArrayList<>());
    }

    public static PrepareProgress noting(List<String> notes) {
        return new PrepareProgress() {
            @Override
            public void stage(String name, int tasks) {}

            @Override
            public void done(int tasks) {}

            @Override
            public void note(String message) {
                notes.add(message);
            }
        };
    }

    /** Every file of a folder, by name. */
    public static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                files.put(
                        folder.relativize(file).toString(),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return files;
    }

    /** The names of the classes of a split's pictures, and the pictures, in order. */
    static List<Map.Entry<String, byte[]>> pictures(ImageDataset dataset, String name) {
        List<Map.Entry<String, byte[]>> pictures = new ArrayList<>();
        try (ImageSplit split = dataset.split(name)) {
            for (long i = 0; i < split.size(); i++) {
                pictures.add(Map.entry(dataset.classes().get(split.label(i)).name(), split.picture(i)));
            }
        }
        return pictures;
    }

    static List<String> classesOf(ImageDataset dataset, String name) {
        return pictures(dataset, name).stream().map(Map.Entry::getKey).toList();
    }

    /** The members of all shards of a split, as another program finds them. */
    static Map<String, byte[]> members(ImageDataset dataset, String name) {
        Map<String, byte[]> members = new LinkedHashMap<>();
        for (PictureShardInfo shard : dataset.manifest().splits().get(name).shards()) {
            try (TarArchiveInputStream tar = new TarArchiveInputStream(
                    new ByteArrayInputStream(Files.readAllBytes(Path.of(dataset.folder(), shard.name() + ".tar"))))) {
                for (TarArchiveEntry entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
                    members.put(entry.getName(), tar.readAllBytes());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return members;
    }
}
