package org.seqpe.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.seqpe.core.Redaction;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;

/**
 * Named values of one kind. What cannot be found out has the value "unknown (REASON)". Texts are kept without
 * credentials.
 */
final class Findings {
    /** Questions to the system, and to libraries that may hang with a broken driver. */
    private static final long PATIENCE_SECONDS = 20;

    private final ObjectNode node = JsonNodeFactory.instance.objectNode();

    /**
     * Notes a value.
     *
     * @param key in snake_case; numbers whose key ends with "_bytes" are printed with their unit
     * @param value finds it out: a text, number, truth value, list or {@link Findings}; null for "none"
     */
    Findings look(String key, Callable<?> value) {
        return look(key, PATIENCE_SECONDS, value);
    }

    /** Notes a value that may take this long to find out. */
    Findings look(String key, long seconds, Callable<?> value) {
        node.set(key, found(seconds, value));
        return this;
    }

    private static JsonNode found(long seconds, Callable<?> value) {
        FutureTask<JsonNode> task = new FutureTask<>(() -> tree(value.call()));
        Thread thread = new Thread(task, "doctor");
        // The process must end even if a driver never answers.
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return unknown(reason(e.getCause()));
        } catch (TimeoutException e) {
            return unknown("no answer within " + seconds + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unknown("interrupted");
        }
    }

    /** A value, or "none (REASON)" where the machine lacks what the user could install. */
    static Object orNone(Callable<?> value) throws Exception {
        try {
            return value.call();
        } catch (UserException e) {
            return "none (" + e.getMessage() + ")";
        }
    }

    private static TextNode unknown(String reason) {
        return TextNode.valueOf("unknown (" + Redaction.text(reason) + ")");
    }

    /** Why something cannot be found out or used, in one line. */
    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (!(cause instanceof UserException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null
                ? ""
                : cause.getMessage().lines().findFirst().orElse("");
        if (cause instanceof UserException || cause.getClass() == IOException.class && !message.isEmpty()) {
            return message;
        }
        String name = cause.getClass().getSimpleName();
        return message.isEmpty() ? name : name + ": " + message;
    }

    private static JsonNode tree(Object value) {
        if (value == null) {
            return TextNode.valueOf("none");
        }
        if (value instanceof Findings findings) {
            return findings.node;
        }
        if (value instanceof Iterable<?> list) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            list.forEach(element -> array.add(tree(element)));
            return array;
        }
        return value instanceof String text ? TextNode.valueOf(Redaction.text(text)) : Json.tree(value);
    }

    ObjectNode node() {
        return node;
    }
}
