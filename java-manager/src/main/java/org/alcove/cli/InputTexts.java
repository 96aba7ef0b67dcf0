package org.alcove.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Parameter;

/** The {@code name=value} arguments of a command line, checked against the op before anything is read or made. */
final class InputTexts {
    /** What has no text; such a parameter is given by programs only. */
    static final Set<String> WITHOUT_TEXT = Set.of("table", "shapes", "bytes");

    private final Op op;
    private final Map<String, String> texts = new LinkedHashMap<>();

    InputTexts(Op op, List<String> assignments) {
        this.op = op;
        List<String> known = op.inputs().stream().map(Parameter::name).toList();
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            String name = equals < 0 ? assignment : assignment.substring(0, equals);
            if (equals < 0 || !known.contains(name)) {
                throw wrong(
                        equals < 0 ? "'" + assignment + "' is not name=value" : op.name() + " has no input " + name,
                        known.isEmpty() ? "it takes none" : "it takes " + String.join(", ", known));
            }
            texts.put(name, assignment.substring(equals + 1));
        }
        op.inputs().forEach(this::requireGiven);
    }

    private void requireGiven(Parameter input) {
        if (WITHOUT_TEXT.contains(input.type()) && (input.required() || texts.containsKey(input.name()))) {
            throw wrong(
                    input.name() + " of " + op.name() + " is a " + input.type() + ", which a command line cannot give",
                    "call the op from Java; or let it take a Path, and read the file itself");
        }
        if (input.required() && !texts.containsKey(input.name())) {
            throw wrong(
                    op.name() + " needs " + input.name() + " (" + input.summary() + ")",
                    "add " + input.name() + "=" + (isArray(input) ? "FILE" : "VALUE"));
        }
    }

    /** All values but the images. */
    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Parameter input : op.inputs()) {
            String text = texts.get(input.name());
            if (text != null && !isArray(input)) {
                values.put(input.name(), input.parse(text));
            }
        }
        return values;
    }

    /** The files of the images. */
    Map<String, Path> imageFiles() {
        Map<String, Path> files = new LinkedHashMap<>();
        for (Parameter input : op.inputs()) {
            String text = texts.get(input.name());
            if (text != null && isArray(input)) {
                Path file = Path.of(text);
                if (!Files.exists(file)) {
                    throw wrong("no file " + text + " for " + input.name(), "check the path");
                }
                files.put(input.name(), file);
            }
        }
        return files;
    }

    private static boolean isArray(Parameter input) {
        return input.type().equals("array");
    }

    private static AlcoveException wrong(String message, String hint) {
        return new AlcoveException(ErrorKind.INVALID_PARAMS, message, hint, Map.of());
    }
}
