package org.seqpe.data.image.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.ManifestFile;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.image.corpus.ImageCorpus;
import org.seqpe.data.image.corpus.ImageCorpusFinder;
import org.seqpe.data.image.corpus.Piece;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageManifest;
import org.seqpe.data.image.shard.PictureShardInfo;
import org.seqpe.data.prepare.Collected;
import org.seqpe.data.prepare.Examples;
import org.seqpe.data.prepare.LeftOutFiles;
import org.seqpe.data.prepare.Output;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.Runs;
import org.seqpe.data.prepare.SharedContent;
import org.seqpe.data.prepare.SpoolFile;
import org.seqpe.data.prepare.TaskRunner;

/**
 * Makes a dataset of pictures: finds the corpus, then collects its pictures and joins them into shards. Only the input
 * decides what a task does, so the dataset's bytes do not depend on where the tasks run. Everything is written to a
 * folder beside the output, which is renamed at the end; an existing dataset stays until then. The folder needs twice
 * the space of the pictures.
 */
public final class ImagePreparation {
    /** Bytes of pieces per collecting task, if a shard is not smaller; small files are grouped. */
    private static final long TASK_BYTES = 1L << 26;
    /** Size of a spool file: small against a shard, so that shards come out at about the size that was asked for. */
    private static final long SPOOL_BYTES = 1L << 24;

    private final ImageRequest request;
    private final TaskRunner runner;
    private final PrepareProgress progress;
    private final Output output;
    private final String where;
    private final long taskBytes;
    private final long spoolBytes;

    /**
     * @param request what to make
     * @param runner runs the tasks
     * @param progress receives progress reports
     * @param unique a name that no other preparation now running has
     */
    public ImagePreparation(ImageRequest request, TaskRunner runner, PrepareProgress progress, String unique) {
        this(
                request,
                runner,
                progress,
                unique,
                Math.min(TASK_BYTES, request.shardBytes()),
                Math.min(SPOOL_BYTES, request.shardBytes()));
    }

    /**
     * @param taskBytes bytes of pieces at which a collecting task is full
     * @param spoolBytes bytes of pictures at which a spool file is full
     */
    ImagePreparation(
            ImageRequest request,
            TaskRunner runner,
            PrepareProgress progress,
            String unique,
            long taskBytes,
            long spoolBytes) {
        this.request = request;
        this.runner = runner;
        this.progress = progress;
        this.output = new Output(request.output(), request.overwrite(), unique);
        this.where = String.join(", ", request.inputs());
        this.taskBytes = taskBytes;
        this.spoolBytes = spoolBytes;
    }

    /**
     * Prepares the dataset.
     *
     * @throws UserException if the input or the output cannot be used; nothing is left behind then
     */
    public ImageDataset run() {
        output.check(progress);
        ImageCorpus corpus = new ImageCorpusFinder(
                        request.columns(), request.ratios(), request.seed(), request.splits(), runner, progress)
                .find(request.inputs(), request.corpus());
        LeftOutFiles.note(corpus.leftOut(), progress);
        output.create();
        try {
            CollectPictures.Result collected = collect(corpus);
            noteSkipped(collected);
            requirePictures(corpus, collected.splits());
            requireTrained(corpus, collected.classes());
            SortedMap<String, Long> shared = SharedContent.count(collected.splits(), "pictures", where, progress);
            writeManifest(corpus, collected, shared, merge(collected.splits()));
            output.publish();
        } catch (RuntimeException e) {
            output.discard(e);
            throw e;
        }
        return ImageDataset.open(request.output());
    }

    private CollectPictures.Result collect(ImageCorpus corpus) {
        List<String> tasks = new ArrayList<>();
        for (List<Piece> run : Runs.of(corpus.pieces(), Piece::bytes, taskBytes)) {
            tasks.add(Json.line(new CollectPictures.Task(
                    run,
                    corpus.columns(),
                    corpus.labels(),
                    corpus.splitRule(),
                    request.skipInvalid(),
                    request.shortSide(),
                    spoolBytes,
                    output.work() + "/pictures-" + tasks.size())));
        }
        progress.stage("collect", tasks.size());
        List<CollectPictures.Result> results = runner.run("collect", tasks, CollectPictures::run).stream()
                .map(json -> Json.parse(json, CollectPictures.Result.class, "a task of preparation"))
                .toList();
        CollectPictures.Result all = new CollectPictures.Result("", new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        for (CollectPictures.Result result : results) {
            if (!result.problem().isEmpty()) {
                throw new UserException(result.problem());
            }
            result.splits().forEach((split, found) -> all.splits().merge(split, found, Collected::join));
            result.classes()
                    .forEach((split, counts) -> counts.forEach((label, count) -> all.classes()
                            .computeIfAbsent(split, name -> new TreeMap<>())
                            .merge(label, count, Long::sum)));
            result.examples().forEach((reason, names) -> all.examples()
                    .computeIfAbsent(reason, name -> new ArrayList<>())
                    .addAll(names));
        }
        return all;
    }

    private void noteSkipped(CollectPictures.Result collected) {
        collected.examples().forEach((reason, names) -> {
            long files = collected.splits().values().stream()
                    .mapToLong(split -> split.skipped().getOrDefault(reason, 0L))
                    .sum();
            progress.note("Left out " + files + " files: " + reason + ": " + Examples.of(names));
        });
    }

    private void requirePictures(ImageCorpus corpus, SortedMap<String, Collected> collected) {
        long pictures =
                collected.values().stream().mapToLong(Collected::documents).sum();
        SortedMap<String, Long> skipped = new TreeMap<>();
        collected.values().forEach(split -> split.skipped()
                .forEach((reason, count) -> skipped.merge(reason, count, Long::sum)));
        String left = skipped.isEmpty() ? "" : " (left out: " + skipped + ")";
        if (pictures == 0) {
            throw new UserException("Cannot prepare " + where + ": there is no picture in its " + corpus.files()
                    + " files" + left + ".");
        }
        for (String split : corpus.splits()) {
            if (!collected.containsKey(split) || collected.get(split).documents() == 0) {
                String remedy = corpus.splitRule().way() == SplitRule.Way.NAMED
                        ? "Fill it, or name the splits to make with --splits."
                        : "Give more pictures, or larger shares to the smaller splits.";
                throw new UserException(
                        "Cannot prepare " + where + ": the split " + split + " would be empty; " + pictures
                                + " pictures were split " + corpus.splitRule().describe() + left + ". " + remedy);
            }
        }
    }

    /** Refuses a split with a class that cannot be learned, and names the classes without any picture. */
    private void requireTrained(ImageCorpus corpus, SortedMap<String, SortedMap<Integer, Long>> classes) {
        Map<Integer, Long> trained = classes.getOrDefault(Splits.TRAIN, new TreeMap<>());
        classes.forEach((split, counts) -> {
            List<String> unknown = counts.keySet().stream()
                    .filter(label -> !trained.containsKey(label))
                    .map(label -> corpus.classes().get(label).name())
                    .toList();
            if (!unknown.isEmpty() && !trained.isEmpty()) {
                throw new UserException("Cannot prepare " + where + ": the split " + split + " would have "
                        + unknown.size() + " classes without a picture in the split train: " + Examples.of(unknown)
                        + ". "
                        + (corpus.splitRule().way() == SplitRule.Way.NAMED
                                ? "Add pictures of them to train, or take them out of " + split + "."
                                : "Give more pictures of them, another --seed, or a larger share to train."));
            }
        });
        List<String> empty = IntStream.range(0, corpus.classes().size())
                .filter(label -> classes.values().stream().noneMatch(counts -> counts.containsKey(label)))
                .mapToObj(label -> corpus.classes().get(label).name())
                .toList();
        if (!empty.isEmpty()) {
            progress.note("Found no picture of " + empty.size() + " of "
                    + corpus.classes().size() + " classes: " + Examples.of(empty));
        }
    }

    private SortedMap<String, List<PictureShardInfo>> merge(SortedMap<String, Collected> collected) {
        List<String> tasks = new ArrayList<>();
        List<String> splitOfTask = new ArrayList<>();
        collected.forEach((split, found) -> {
            long first = 0;
            for (List<SpoolFile> shard : Runs.of(found.spools(), SpoolFile::bytes, request.shardBytes())) {
                tasks.add(Json.line(new MergePictures.Task(shard, first, output.work() + "/shard-" + tasks.size())));
                splitOfTask.add(split);
                first += shard.stream().mapToLong(SpoolFile::records).sum();
            }
        });
        progress.stage("merge", tasks.size());
        List<String> results = runner.run("merge", tasks, MergePictures::run);
        SortedMap<String, List<PictureShardInfo>> shards = new TreeMap<>();
        for (int i = 0; i < results.size(); i++) {
            PictureShardInfo written = Json.parse(results.get(i), PictureShardInfo.class, "a task of preparation");
            List<PictureShardInfo> ofSplit = shards.computeIfAbsent(splitOfTask.get(i), split -> new ArrayList<>());
            String name = String.format(Locale.ROOT, "%s-%05d", splitOfTask.get(i), ofSplit.size());
            for (String extension : List.of(".tar", ".idx")) {
                HadoopFiles.rename(written.name() + extension, output.file(name + extension));
            }
            ofSplit.add(written.named(name));
        }
        return shards;
    }

    private void writeManifest(
            ImageCorpus corpus,
            CollectPictures.Result collected,
            SortedMap<String, Long> shared,
            SortedMap<String, List<PictureShardInfo>> shards) {
        SortedMap<String, ImageManifest.Split> splits = new TreeMap<>();
        shards.forEach((split, infos) -> splits.put(
                split,
                new ImageManifest.Split(
                        collected.splits().get(split).documents(),
                        infos.stream().mapToLong(PictureShardInfo::bytes).sum(),
                        collected.splits().get(split).skipped(),
                        infos)));
        ImageManifest manifest = new ImageManifest(
                ManifestFile.Kind.IMAGES.id(),
                ImageManifest.FORMAT_VERSION,
                new DatasetManifest.Corpus(
                        corpus.kind().id(),
                        corpus.name(),
                        corpus.files(),
                        corpus.bytes(),
                        corpus.splitRule().describe(),
                        LeftOutFiles.byReason(corpus.leftOut()),
                        shared),
                request.shortSide(),
                classes(corpus, collected.classes()),
                splits);
        HadoopFiles.writeAtomically(output.file(ManifestFile.NAME), manifest.toJson());
    }

    private static List<ImageManifest.PictureClass> classes(
            ImageCorpus corpus, SortedMap<String, SortedMap<Integer, Long>> counts) {
        List<ImageManifest.PictureClass> classes = new ArrayList<>();
        for (ImageCorpus.ClassName one : corpus.classes()) {
            SortedMap<String, Long> pictures = new TreeMap<>();
            counts.forEach((split, byLabel) -> pictures.put(split, byLabel.getOrDefault(classes.size(), 0L)));
            classes.add(new ImageManifest.PictureClass(one.name(), one.words(), pictures));
        }
        return classes;
    }
}
