package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.config.TaskKind;
import org.seqpe.core.io.Json;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.evaluation.CheckpointModel;
import org.seqpe.model.text.Generator;
import org.seqpe.model.text.SampledChoice;
import org.seqpe.model.text.TokenChoice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seqpe generate}: continues texts with a trained model. */
@Command(
        name = "generate",
        description =
                "Continues texts with a run's model. One prompt is continued on the terminal as it is generated; prompts from a file give a JSON object a line.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe generate runs/quickstart --prompt 'The first thing'",
            "  seqpe generate runs/wikitext103 --prompt 'In 1912' --tokens 200 \\",
            "    --temperature 0.8 --top-p 0.9 --seed 7",
            "  seqpe generate runs/qa --prompts questions.jsonl --tokens 16 > answers.jsonl"
        })
final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN", description = "Run folder that 'seqpe train' made of a text or of questions.")
    private String folder;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue.")
    private String prompt;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description =
                    "A file of texts to continue: one a line, or in a file .jsonl one a JSON object a line, in its field input or prompt. - is the standard input.")
    private String prompts;

    @Option(
            names = "--tokens",
            defaultValue = "64",
            paramLabel = "N",
            description = "Most tokens of a continuation; the end token ends it too. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(
            names = "--temperature",
            defaultValue = "0",
            paramLabel = "T",
            description =
                    "0 takes the most probable token each time; above 0 draws one, and 1 leaves the model's distribution as it is. Default: ${DEFAULT-VALUE}.")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Draw from the K most probable tokens only. Default: from all.")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description =
                    "Draw from the most probable tokens only that together have the probability P. Default: from all.")
    private Double topP;

    @Option(names = "--seed", paramLabel = "NUMBER", description = "Decides what is drawn. Default: 1.")
    private Long seed;

    @Option(
            names = "--checkpoint",
            defaultValue = "BEST",
            paramLabel = "WHICH",
            description = "best (lowest validation loss; the latest where none was measured) or latest. Default: best.")
    private CheckpointChoice which;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Override a key of the run's configuration, such as device.threads=4; may be repeated.")
    private List<String> overrides = List.of();

    /**
     * A line of the output.
     *
     * @param text what follows the prompt
     * @param tokens of the text
     */
    private record Continuation(String prompt, String text, int tokens) {}

    @Override
    public Integer call() {
        requireOptions();
        RunFolder run = new RunFolder(folder);
        RunConfig read = run.config(overrides);
        if (read.task() == TaskKind.IMAGES) {
            throw new UserException("Cannot continue texts with " + run.path()
                    + ": expected a run of the task language or answers, found one of images.");
        }
        Tokenizer tokenizer = RunTokenizer.of(run, read);
        RunConfig config = read.resolveVocabulary(tokenizer.vocabularySize());
        List<Prompt> texts = prompt != null ? List.of(new Prompt(prompt, "")) : Prompt.read(prompts);
        List<int[]> encoded = new ArrayList<>();
        for (Prompt text : texts) {
            encoded.add(encode(text, tokenizer));
        }
        try (CheckpointModel checkpoint = CheckpointModel.open(
                config, DeviceSpec.ofDriver(config), which.of(run).file(Checkpoints.MODEL))) {
            Generator generator =
                    new Generator(checkpoint.model(), config.evaluation().batchTokens());
            for (int i = 0; i < texts.size(); i++) {
                String where = texts.get(i).where();
                generator.refusal(encoded.get(i).length, tokens).ifPresent(reason -> {
                    throw new UserException(
                            "Cannot continue the prompt" + where + ": " + reason + "; shorten it, or lower --tokens.");
                });
            }
            generate(generator, texts, encoded, tokenizer, spec.commandLine().getOut());
        }
        return 0;
    }

    private void requireOptions() {
        if ((prompt == null) == (prompts == null)) {
            throw new UserException("Cannot generate: expected --prompt TEXT or --prompts FILE, found "
                    + (prompt == null ? "neither" : "both") + ".");
        }
        if (tokens < 1) {
            throw new UserException("Cannot generate " + tokens + " tokens: expected --tokens of at least 1.");
        }
        if (!(temperature >= 0)) {
            throw new UserException(
                    "Cannot use --temperature " + temperature + ": expected 0 (the most probable token) or more.");
        }
        if (temperature == 0 && (topK != null || topP != null || seed != null)) {
            throw new UserException(
                    "Cannot use --top-k, --top-p or --seed: at temperature 0 nothing is drawn; add --temperature 1, or leave them out.");
        }
        if (topK != null && topK < 1) {
            throw new UserException("Cannot use --top-k " + topK + ": expected at least 1.");
        }
        if (topP != null && !(topP > 0 && topP <= 1)) {
            throw new UserException("Cannot use --top-p " + topP + ": expected a probability above 0 and at most 1.");
        }
    }

    private TokenChoice choice() {
        return temperature == 0
                ? TokenChoice.greedy()
                : new SampledChoice(
                        temperature, topK == null ? 0 : topK, topP == null ? 1 : topP, seed == null ? 1 : seed);
    }

    /** The token ids of a prompt; an empty one is continued like the beginning of a document. */
    private static int[] encode(Prompt text, Tokenizer tokenizer) {
        int[] ids = tokenizer.encode(text.text());
        if (ids.length > 0) {
            return ids;
        }
        if (tokenizer.endOfText() < 0) {
            throw new UserException("Cannot continue the empty prompt" + text.where() + ": the tokenizer "
                    + tokenizer.id() + " has no token that begins a text; give some text.");
        }
        return new int[] {tokenizer.endOfText()};
    }

    private void generate(
            Generator generator, List<Prompt> texts, List<int[]> encoded, Tokenizer tokenizer, PrintWriter out) {
        boolean one = prompt != null;
        TokenText shown = new TokenText(tokenizer);
        if (one) {
            out.print(prompt);
            out.flush();
        }
        // The context that counts is each prompt with its continuation.
        Generator.Settings settings = new Generator.Settings(tokens, tokenizer.endOfText(), 0, choice());
        int[][] continuations = generator.generate(encoded, settings, (text, token) -> {
            if (one) {
                out.print(shown.next(token));
                out.flush();
            }
        });
        if (one) {
            out.println(shown.rest());
            return;
        }
        for (int i = 0; i < continuations.length; i++) {
            out.println(Json.line(new Continuation(
                    texts.get(i).text(), tokenizer.decode(continuations[i]), continuations[i].length)));
        }
    }
}
