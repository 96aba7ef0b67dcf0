package org.alcove;

import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Map;

/**
 * What an op has logged, or printed.
 *
 * @param time when it came
 * @param level as Python's logging has it; {@link Level#INFO} for what was printed
 * @param logger the name of Python's logger; {@code stderr} for what was printed, by the op or a library that it uses
 * @param text at most 10,000 characters; a longer one is cut and ends in an ellipsis
 */
public record LogLine(Instant time, Level level, String logger, String text) {
    /** The {@link #logger} of what was printed. */
    static final String STDERR = "stderr";

    private static final int MOST_CHARACTERS = 10_000;

    /** A line with a text that is not too long. */
    public LogLine {
        text = text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS - 1) + "…";
    }

    /** A line that a worker has printed. */
    static LogLine printed(String text) {
        return new LogLine(Instant.now(), Level.INFO, STDERR, text);
    }

    /** The record that the params of a {@code log} notification hold; what makes no sense in them is left out. */
    static LogLine of(Map<String, Object> params) {
        Level level = switch (String.valueOf(params.get("level"))) {
            case "debug" -> Level.DEBUG;
            case "warning" -> Level.WARNING;
            case "error" -> Level.ERROR;
            default -> Level.INFO;
        };
        String logger = params.get("logger") instanceof String name ? name : "";
        return new LogLine(Instant.now(), level, logger, params.get("message") instanceof String said ? said : "");
    }
}
