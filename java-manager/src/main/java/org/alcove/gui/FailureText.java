package org.alcove.gui;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/**
 * What a failure says to people.
 *
 * @param place what to open, or null
 * @param where the author's file and line, {@code cells.py, line 12, in segment}; empty where that is not the matter
 * @param message what happened
 * @param hint what to do next; empty when nothing is known
 * @param details the rest, for who looks closer
 */
record FailureText(Place place, String where, String message, String hint, String details) {
    private static final int MOST_CHARACTERS = 4000;

    /**
     * A line of a file.
     *
     * @param line from 1, or 0 when none is meant
     */
    record Place(Path file, int line) {}

    /**
     * Looks at what the failure brings with it; and whether files are there, so not on the event thread.
     *
     * @param opFile the op file that it is about, or null
     */
    static FailureText of(AlcoveException failure, Path opFile) {
        List<Map<?, ?>> mistakes = members(failure, "mistakes");
        Optional<Map<?, ?>> frame = frame(failure);
        Place place = opFile == null ? null : new Place(opFile, 0);
        String where = "";
        String message = failure.getMessage() == null ? failure.kind().word() : failure.getMessage();
        String hint = failure.hint().orElse("");
        if (!mistakes.isEmpty()) {
            place = place(mistakes.get(0)).orElse(place);
            where = mistakes.size() == 1 ? where(place, "") : whereOfAll(place, mistakes.size());
            message = mistakes.size() == 1 ? text(mistakes.get(0), "message") : list(mistakes);
            hint = hint.isEmpty() ? text(mistakes.get(0), "hint") : hint;
        } else if (frame.isPresent()) {
            Optional<Place> raised = place(frame.get());
            place = raised.orElse(place);
            where = raised.isEmpty() ? "" : where(place, text(frame.get(), "function"));
        } else if (isExpected(failure)) {
            place = null; // the user's to mend, not the author's
        }
        return new FailureText(place, where, sentence(shortened(message)), hint, details(failure));
    }

    /** An op says by itself, in its user's words, that it cannot do what it was asked for. */
    private static boolean isExpected(AlcoveException failure) {
        return failure.kind() == ErrorKind.OP_FAILED && failure.data().containsKey("details");
    }

    /** The author's line that raised. */
    private static Optional<Map<?, ?>> frame(AlcoveException failure) {
        return isExpected(failure) ? Optional.empty() : members(failure, "frames").stream().findFirst();
    }

    private static List<Map<?, ?>> members(AlcoveException failure, String name) {
        List<Map<?, ?>> found = new ArrayList<>();
        if (failure.data().get(name) instanceof List<?> items) {
            items.forEach(item -> {
                if (item instanceof Map<?, ?> members) {
                    found.add(members);
                }
            });
        }
        return found;
    }

    private static Optional<Place> place(Map<?, ?> members) {
        int line = members.get("line") instanceof Number number ? number.intValue() : 0;
        try {
            Path file = Path.of(text(members, "file"));
            return Files.isRegularFile(file) ? Optional.of(new Place(file, line)) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty(); // "<string>" say
        }
    }

    private static String where(Place place, String function) {
        if (place == null) {
            return "";
        }
        String line = String.valueOf(place.line());
        if (place.line() < 1) {
            return name(place);
        }
        return function.isEmpty() || function.startsWith("<")
                ? Words.of("FailureText.line", name(place), line)
                : Words.of("FailureText.lineOfFunction", name(place), line, function);
    }

    private static String whereOfAll(Place place, int count) {
        return place == null ? "" : Words.of("FailureText.mistakes", name(place), count);
    }

    private static String name(Place place) {
        return String.valueOf(place.file().getFileName());
    }

    private static String list(List<Map<?, ?>> mistakes) {
        List<String> lines = new ArrayList<>();
        for (Map<?, ?> mistake : mistakes) {
            lines.add(Words.of("FailureText.mistake", String.valueOf(mistake.get("line")), text(mistake, "message")));
        }
        return String.join("\n", lines);
    }

    private static String text(Map<?, ?> members, String name) {
        return members.get(name) instanceof String text ? text : "";
    }

    /** Messages begin in small letters, as behind "error: "; in a window they stand alone. Names stay as they are. */
    static String sentence(String message) {
        return message.matches("(?s)(the|an?|there|no|this|it|input|op|only|all)\\b.*")
                ? capital(message)
                : message;
    }

    static String capital(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String shortened(String text) {
        return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "…";
    }

    private static String details(AlcoveException failure) {
        StringBuilder text = new StringBuilder();
        String traceback = failure.traceback();
        String message = failure.getMessage() == null ? "" : failure.getMessage();
        add(text, Words.of("FailureText.whole"), message.length() > MOST_CHARACTERS ? message : "");
        add(text, Words.of("FailureText.traceback"), traceback.strip());
        add(text, Words.of("FailureText.printed"), lines(failure.data().get("stderr")));
        add(text, Words.of("FailureText.log"), lines(failure.data().get("log")));
        if (failure.data().get("command") instanceof List<?> command) {
            add(text, Words.of("FailureText.command"), String.join(" ", command.stream().map(String::valueOf).toList()));
        }
        add(text, Words.of("FailureText.java"), traceback.isEmpty() ? stackTrace(failure) : "");
        add(text, Words.of("FailureText.versions"), versions(failure));
        return text.toString();
    }

    /** Adds a section, unless there is nothing in it. */
    static void add(StringBuilder text, String heading, String section) {
        if (!section.isEmpty()) {
            text.append(text.length() == 0 ? "" : "\n");
            text.append("[" + heading + "]\n").append(section.strip()).append('\n');
        }
    }

    private static String lines(Object list) {
        return list instanceof List<?> lines ? String.join("\n", lines.stream().map(String::valueOf).toList()) : "";
    }

    private static String stackTrace(AlcoveException failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static String versions(AlcoveException failure) {
        return "Alcove " + Alcove.version() + ", " + failure.kind().word()
                + "\nJava " + System.getProperty("java.version") + ", " + System.getProperty("java.vendor")
                + "\n" + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                + System.getProperty("os.arch");
    }

    /** All of it, for a mail or a forum, with details that were found out later. */
    String all(String more) {
        StringBuilder text = new StringBuilder(where.isEmpty() ? "" : where + "\n");
        text.append(message).append('\n');
        if (!hint.isEmpty()) {
            text.append("\n").append(Words.of("FailureText.hint")).append(' ').append(hint).append('\n');
        }
        if (place != null) {
            text.append("\n").append(Words.of("FailureText.file")).append(' ').append(place.file()).append('\n');
        }
        return text.append('\n').append(withMore(more)).toString();
    }

    /** The details, with those that were found out later. */
    String withMore(String more) {
        return more.isEmpty() ? details : details + "\n" + more;
    }
}
