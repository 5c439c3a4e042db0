package org.seqpe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Safetensors;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.core.run.RunInfo;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.ManifestFile;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageManifest;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.text.window.TokenDataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seqpe inspect}: shows what a run folder, a dataset or a tensor file holds, and whether it is complete. */
@Command(
        name = "inspect",
        description =
                "Shows what a run folder, a prepared dataset or a .safetensors file holds. A run's newest checkpoint is verified.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe inspect runs/quickstart",
            "  seqpe inspect hdfs://namenode/data/wikitext103 --verify",
            "  seqpe inspect --data data/imagenet --sheet augmented.png",
            "  seqpe inspect runs/quickstart/checkpoints/step-00000100/model.safetensors"
        })
final class InspectCommand implements Callable<Integer> {
    private static final String TENSORS = ".safetensors";
    private static final String VERIFIED = "verified     every file is as the manifest says";
    private static final int CLASSES_SHOWN = 5;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATH",
            description = "A run folder, a dataset folder or a .safetensors file.")
    private String path;

    @Option(names = "--data", paramLabel = "FOLDER", description = "The same as PATH, for a dataset folder.")
    private String data;

    @Option(names = "--verify", description = "Compare every file of a dataset with the SHA-256 in its manifest.")
    private boolean verify;

    @Option(
            names = "--sheet",
            paramLabel = "FILE.png",
            description =
                    "Write a contact sheet of an image dataset: training pictures as evaluation sees them and as they are augmented.")
    private String sheet;

    @Option(
            names = "--conf",
            paramLabel = "FILE",
            description = "The configuration whose augmentation the sheet shows. Default: the authors' recipe.")
    private String configuration;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Override a key of that configuration, such as image.resolution=96; may be repeated.")
    private List<String> overrides = List.of();

    @Override
    public Integer call() {
        if ((path == null) == (data == null)) {
            throw new UserException("Cannot inspect: expected one PATH, found " + (path == null ? "none" : "two")
                    + "; name a run folder, a dataset folder or a .safetensors file, or a dataset folder with --data.");
        }
        path = path == null ? data : path;
        PrintWriter out = spec.commandLine().getOut();
        boolean dataset = ManifestFile.isIn(path);
        ManifestFile.Kind kind = dataset ? ManifestFile.read(path).kind() : ManifestFile.Kind.TEXT;
        requireSheetOptions(kind == ManifestFile.Kind.IMAGES);
        RunFolder run = new RunFolder(path);
        if (run.exists()) {
            printRun(run, out);
        } else if (dataset) {
            switch (kind) {
                case TEXT -> printDataset(TokenDataset.open(path), out);
                case IMAGES -> printImages(ImageDataset.open(path), out);
                case ANSWERS -> printAnswers(AnswerDataset.open(path), out);
            }
        } else if (path.endsWith(TENSORS)) {
            printTensors(out);
        } else {
            throw new UserException("Cannot inspect " + path
                    + ": expected a run folder (config.conf), a dataset folder (manifest.json) or a " + TENSORS
                    + " file, found none of them.");
        }
        return 0;
    }

    private void requireSheetOptions(boolean images) {
        if (sheet != null && !images) {
            throw new UserException(
                    "Cannot write a contact sheet of " + path
                            + ": expected a dataset of images, found something else; name the folder that 'seqpe prepare' made of pictures.");
        }
        if (sheet == null && (configuration != null || !overrides.isEmpty())) {
            throw new UserException(
                    "Cannot use --conf or --set here: they say what a contact sheet shows; add --sheet FILE.png, or leave them out.");
        }
    }

    private void printRun(RunFolder run, PrintWriter out) {
        RunInfo info = run.info();
        out.printf(
                Locale.ROOT,
                "run          %s%ncreated      %s%ncommit       %s%nreplicas     %d%s%ndata         %s (manifest sha256 %s)%n",
                run.config().name(),
                info.created(),
                info.commit(),
                info.replicas(),
                changes(info),
                run.config().data().path(),
                info.dataManifestSha256());
        info.versions().forEach((name, version) -> out.printf(Locale.ROOT, "%-12s %s%n", name, version));
        Checkpoints checkpoints = run.checkpoints();
        printProgress(run, out);
        out.println("checkpoints  at steps " + checkpoints.steps());
        checkpoints
                .bestValidation()
                .ifPresent(best -> out.printf(
                        Locale.ROOT, "best         step %d, validation loss %.4f%n", best.step(), best.loss()));
        checkpoints.latest().ifPresent(latest -> {
            out.printf(Locale.ROOT, "latest       step %d, verified%n", latest.step());
            latest.manifest()
                    .files()
                    .forEach(file -> out.printf(
                            Locale.ROOT, "  %-40s %,15d bytes  sha256 %s%n", file.name(), file.bytes(), file.sha256()));
        });
        out.println("report       "
                + (HadoopFiles.exists(run.report())
                        ? run.report()
                        : "none yet: 'seqpe sweep " + run.path() + "' makes one"));
        out.printf(Locale.ROOT, "%nIts configuration, config.conf:%n%n");
        out.print(run.config().toHocon());
    }

    private static String changes(RunInfo info) {
        return info.changes().stream()
                .map(change -> ", " + change.replicas() + " from step " + change.step() + " on")
                .collect(Collectors.joining());
    }

    private static void printProgress(RunFolder run, PrintWriter out) {
        List<JsonNode> rounds = run.metrics().lines();
        if (!rounds.isEmpty()) {
            JsonNode last = rounds.get(rounds.size() - 1);
            out.printf(
                    Locale.ROOT,
                    "progress     step %,d of %,d, loss %.4f (metrics.jsonl has every round)%n",
                    last.path("step").asLong(),
                    run.config().train().steps(),
                    last.path("loss").asDouble());
        }
    }

    private void printDataset(TokenDataset dataset, PrintWriter out) {
        DatasetManifest manifest = dataset.manifest();
        out.printf(
                Locale.ROOT,
                "corpus       %s (%s, %,d files, %,d bytes)%ntokenizer    %s, vocabulary %,d%ntokens       stored as %s%nmanifest     sha256 %s%n",
                manifest.corpus().name(),
                manifest.corpus().kind(),
                manifest.corpus().files(),
                manifest.corpus().bytes(),
                manifest.tokenizer().id(),
                manifest.tokenizer().vocabularySize(),
                manifest.tokenType(),
                dataset.hash());
        out.print(DatasetSummary.of(dataset));
        if (verify) {
            dataset.verify();
            out.println(VERIFIED);
        }
    }

    private void printImages(ImageDataset dataset, PrintWriter out) {
        ImageManifest manifest = dataset.manifest();
        out.printf(
                Locale.ROOT,
                "corpus       %s (%s, %,d files, %,d bytes)%nsplits       %s%npictures     %s%nclasses      %,d: %s%nmanifest     sha256 %s%n",
                manifest.corpus().name(),
                manifest.corpus().kind(),
                manifest.corpus().files(),
                manifest.corpus().bytes(),
                manifest.corpus().splitRule(),
                manifest.shortSide() == 0
                        ? "stored as they came"
                        : "reduced to a short side of " + manifest.shortSide() + " pixels",
                dataset.classes().size(),
                classes(dataset.classes()),
                dataset.hash());
        out.print(DatasetSummary.of(dataset));
        if (sheet != null) {
            PictureSheet.write(dataset, sheetConfig(), sheet, out);
        }
        if (verify) {
            dataset.verify();
            out.println(VERIFIED);
        }
    }

    private void printAnswers(AnswerDataset dataset, PrintWriter out) {
        AnswerListing.print(dataset, out);
        if (verify) {
            dataset.verify();
            out.println(VERIFIED);
        }
    }

    private RunConfig sheetConfig() {
        List<String> settings = new ArrayList<>(List.of("task=images", "data.path=" + path));
        if (configuration == null) {
            // What only a model needs, and no augmentation.
            settings.add("model.position.encoding=none");
        }
        settings.addAll(overrides);
        return configuration == null
                ? ConfigReader.defaults(settings)
                : ConfigReader.read(ConfigurationOptions.find(configuration), settings);
    }

    /** The first few classes, with the words for each. */
    private static String classes(List<ImageManifest.PictureClass> classes) {
        return classes.stream()
                        .limit(CLASSES_SHOWN)
                        .map(one -> one.name() + (one.words().isEmpty() ? "" : " (" + one.words() + ")"))
                        .collect(Collectors.joining("; "))
                + (classes.size() > CLASSES_SHOWN ? "; ..." : "");
    }

    private void printTensors(PrintWriter out) {
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            List<String> names = reader.names();
            long total = 0;
            for (String name : names) {
                long[] shape = reader.shape(name);
                long count = 1;
                for (long dimension : shape) {
                    count *= dimension;
                }
                total += count;
                out.printf(Locale.ROOT, "%-50s %s%n", name, Arrays.toString(shape));
            }
            out.printf(Locale.ROOT, "%d tensors, %,d float32 values%n", names.size(), total);
            reader.metadata().forEach((key, value) -> out.printf(Locale.ROOT, "%s = %s%n", key, value));
        }
    }
}
