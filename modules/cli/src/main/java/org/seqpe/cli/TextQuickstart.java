package org.seqpe.cli;

import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.spark.prepare.PrepareJob;

/**
 * Bytes of a text: the user's own, or the one that comes with the program.
 *
 * @param folder of the run
 * @param inputs files and folders of text; null for the program's
 */
record TextQuickstart(String folder, List<String> inputs) implements QuickstartTask {
    @Override
    public String configuration() {
        return "quickstart";
    }

    @Override
    public String lossPer() {
        return "byte";
    }

    @Override
    public void prepare(JavaSparkContext spark, String data, Progress progress) {
        new PreparedOnce(
                        "another text",
                        target -> make(spark, target, progress).hash(),
                        made -> TokenDataset.open(made).hash(),
                        inputs != null
                                ? null
                                : made -> TokenDataset.open(made)
                                        .manifest()
                                        .corpus()
                                        .name()
                                        .equals(QuickstartText.FILE))
                .prepare(data);
    }

    private TokenDataset make(JavaSparkContext spark, String data, Progress progress) {
        PrepareCommand.Stages stages = new PrepareCommand.Stages(progress);
        if (inputs != null) {
            return PrepareJob.run(
                    spark, PrepareRequest.of(inputs, data).tokenizer("bytes").build(), stages);
        }
        String text = QuickstartText.copyTo(folder);
        try {
            return PrepareJob.run(
                    spark,
                    PrepareRequest.of(List.of(text), data)
                            .corpus(QuickstartText.CORPUS)
                            .tokenizer("bytes")
                            .build(),
                    stages);
        } finally {
            HadoopFiles.delete(text);
        }
    }
}
