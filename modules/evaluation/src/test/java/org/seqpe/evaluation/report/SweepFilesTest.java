package org.seqpe.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.text.ArrayTokens;
import org.seqpe.evaluation.text.FunctionScorer;
import org.seqpe.evaluation.text.LanguageRow;
import org.seqpe.evaluation.text.LanguageRun;
import org.seqpe.evaluation.text.LanguageSweep;
import org.seqpe.evaluation.text.TokenScorer;

class SweepFilesTest {
    private static final SweepFiles<LanguageRow> FILES = new SweepFiles<>(LanguageRow.class);
    private static final String AWKWARD = "a \"quoted\", run\nof \u00e9\u4e2d </script>";

    private static List<LanguageRow> rows() {
        TokenScorer scorer = new FunctionScorer(
                "seqpe",
                4,
                (window, i) -> window.length == 17 ? Double.NaN : 1.0 / 3 + i,
                length -> length == 32 ? "SeqPE positions end at 20" : null);
        LanguageRun run = new LanguageRun(
                AWKWARD,
                new ArrayTokens(
                        new TextCounts(9, 50, 49), 0, ArrayTokens.counting(41).ids()),
                () -> scorer);
        return new LanguageSweep(
                        new EvaluationConfig(
                                "test",
                                List.of(8, 16, 32),
                                List.of(Protocol.NON_OVERLAPPING, Protocol.SLIDING),
                                4,
                                0,
                                16,
                                List.of("224"),
                                0.875,
                                0,
                                64,
                                0,
                                16,
                                EvaluationConfig.Place.SAME),
                        Progress.none(),
                        row -> {})
                .run(List.of(run));
    }

    private static byte[] json(List<LanguageRow> rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FILES.writeJson(rows, out);
        return out.toByteArray();
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void jsonGivesBackTheSameRowsAndTheSameBytes() throws IOException {
        List<LanguageRow> rows = rows();
        byte[] written = json(rows);
        List<LanguageRow> read = FILES.readJson(new ByteArrayInputStream(written), "sweep.json");
        assertThat(read).isEqualTo(rows);
        assertThat(json(read)).isEqualTo(written);
    }

    @Test
    void jsonIsStandardAndSaysWhatIsMissing() throws IOException {
        // A default Jackson reader refuses NaN and Infinity, as every other standard reader does.
        JsonNode file = new ObjectMapper().readTree(json(rows()));
        JsonNode failed = file.get("rows").get(2);
        assertThat(failed.get("status").asText()).isEqualTo("failed");
        assertThat(failed.get("nll").isNull()).isTrue();
        assertThat(failed.get("message").asText()).contains("NaN");
        assertThat(failed.get("protocol").asText()).isEqualTo("non-overlapping");
        assertThat(file.get("rows").get(4).get("status").asText()).isEqualTo("refused");
        assertThat(file.get("rows").get(0).get("loss_by_position").get("linear").get("loss"))
                .hasSize(8);
    }

    @Test
    void csvHoldsTheSameNumbersUnderStableHeadings() throws IOException {
        List<LanguageRow> rows = rows();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FILES.writeCsv(rows, out);
        String csv = out.toString(StandardCharsets.UTF_8);
        assertThat(csv)
                .startsWith(
                        "run,encoding,protocol,length,stride,training_length,tokens,nll,perplexity,perplexity_low,perplexity_high,word_perplexity,word_perplexity_low,word_perplexity_high,"
                                + "space_token_perplexity,space_token_perplexity_low,space_token_perplexity_high,bits_per_byte,bits_per_byte_low,bits_per_byte_high,"
                                + "bits_per_character,bits_per_character_low,bits_per_character_high,words,bytes,characters,space_tokens,tokens_per_second,peak_memory_bytes,status,message\n");
        List<CSVRecord> records = CSVParser.parse(
                        csv,
                        CSVFormat.RFC4180
                                .builder()
                                .setHeader()
                                .setSkipHeaderRecord(true)
                                .build())
                .getRecords();
        assertThat(records).hasSameSizeAs(rows);
        for (int i = 0; i < rows.size(); i++) {
            CSVRecord record = records.get(i);
            LanguageRow row = rows.get(i);
            assertThat(record.get("run")).isEqualTo(AWKWARD);
            assertThat(record.get("length")).isEqualTo(Integer.toString(row.length()));
            assertThat(record.get("message")).isEqualTo(row.message());
            assertThat(record.get("space_token_perplexity")).isEmpty();
            if (row.nll() == null) {
                assertThat(record.get("nll")).isEmpty();
            } else {
                assertThat(Double.parseDouble(record.get("nll"))).isEqualTo(row.nll());
                assertThat(Double.parseDouble(record.get("perplexity_high")))
                        .isEqualTo(row.perplexity().interval().high());
                assertThat(Double.parseDouble(record.get("bits_per_byte")))
                        .isEqualTo(row.bitsPerByte().value());
            }
        }
    }

    @Test
    void filesOfVersionOneAreReadWithoutIntervals() throws IOException {
        List<LanguageRow> rows = rows();
        String current = new String(json(rows), StandardCharsets.UTF_8);
        String old = current.replaceAll("\\s*\"[a-z_]+_(low|high)\" : [^,]*,", "")
                .replace("\"version\" : 2", "\"version\" : 1");
        assertThat(old).doesNotContain("_low", "_high");
        List<LanguageRow> read = FILES.readJson(text(old), "sweep.json");
        assertThat(read).hasSameSizeAs(rows);
        LanguageRow row = read.get(0);
        assertThat(rows.get(0).perplexity().interval()).isNotNull();
        assertThat(row.perplexity())
                .isEqualTo(new Estimate(rows.get(0).perplexity().value(), null));
        assertThat(row.lossByPosition()).isEqualTo(rows.get(0).lossByPosition());
        assertThatThrownBy(() -> FILES.readJson(text(old.replace("\"version\" : 1", "\"version\" : 2")), "cut.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a row without perplexity_low (cut.json)");
    }

    @Test
    void endsInTheWrongOrderAreRefused() throws IOException {
        String swapped = new String(json(rows()), StandardCharsets.UTF_8)
                .replaceFirst("\"perplexity_low\" : [^,]*,", "\"perplexity_low\" : 1e9,");
        assertThatThrownBy(() -> FILES.readJson(text(swapped), "x.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("rising order");
        assertThatThrownBy(() ->
                        FILES.readJson(text("{\"format\":\"seqpe-sweep\",\"version\":2,\"rows\":[null]}"), "x.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a row that is no object");
    }

    @Test
    void whatIsNoSweepIsRefusedByName() throws IOException {
        assertThatThrownBy(() ->
                        FILES.readJson(text("{\"format\":\"other\",\"version\":1,\"rows\":[]}"), "runs/a/sweep.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("runs/a/sweep.json")
                .hasMessageContaining("found other version 1");
        assertThatThrownBy(() -> FILES.readJson(text("{\"format\":\"seqpe-sweep\",\"ver"), "cut.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("cut.json");
        assertThatThrownBy(() -> FILES.readJson(text(""), "empty.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("empty.json");
        assertThatThrownBy(() -> FILES.readJson(
                        text("{\"format\":\"seqpe-sweep\",\"version\":1,\"rows\":[{\"protocol\":\"hopping\"}]}"),
                        "x.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("hopping");
        assertThatThrownBy(() -> FILES.readJson(
                        text("{\"format\":\"seqpe-sweep\",\"version\":1,\"rows\":[{\"run\":\"a\"}]}"), "x.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("encoding");
        String withoutStatus = new String(json(rows()), StandardCharsets.UTF_8)
                .replaceFirst("\"status\" : \"ok\"", "\"status\" : null");
        assertThatThrownBy(() -> FILES.readJson(text(withoutStatus), "x.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("status");
    }
}
