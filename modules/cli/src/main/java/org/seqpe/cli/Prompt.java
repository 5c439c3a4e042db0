package org.seqpe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/**
 * A text to continue.
 *
 * @param where it comes from, for messages, with a space before it; empty where there is one only
 */
record Prompt(String text, String where) {
    private static final String STANDARD_INPUT = "-";
    private static final String JSON_LINES = ".jsonl";
    private static final List<String> FIELDS = List.of("input", "prompt");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * Reads a file of prompts: a text a line, or a JSON object a line where the file's name ends in .jsonl.
     *
     * @param file a path, or - for the standard input
     * @throws UserException if it has no prompt, or a line that is none
     */
    static List<Prompt> read(String file) {
        List<Prompt> prompts = new ArrayList<>();
        try (InputStream in = file.equals(STANDARD_INPUT) ? System.in : HadoopFiles.open(file);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))) {
            int number = 1;
            for (String line = lines.readLine(); line != null; line = lines.readLine(), number++) {
                String where = " of line " + number + " of " + file;
                if (!file.endsWith(JSON_LINES)) {
                    prompts.add(new Prompt(line, where));
                } else if (!line.isBlank()) {
                    prompts.add(new Prompt(field(line, where), where));
                }
            }
        } catch (CharacterCodingException e) {
            throw new UserException(
                    "Cannot read the prompts of " + file + ": expected text in UTF-8, found other bytes.", e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the prompts of " + file + ": " + e.getMessage(), e);
        }
        if (prompts.isEmpty()) {
            throw new UserException("Cannot generate: expected prompts in " + file + ", found none.");
        }
        return prompts;
    }

    private static String field(String line, String where) {
        JsonNode object;
        try {
            object = MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    "Cannot read the prompt" + where + ": expected a JSON object, found " + e.getOriginalMessage()
                            + ".",
                    e);
        }
        for (String field : FIELDS) {
            if (object.path(field).isTextual()) {
                return object.get(field).asText();
            }
        }
        throw new UserException("Cannot read the prompt" + where + ": expected a text in the field "
                + String.join(" or ", FIELDS) + ", found none.");
    }
}
