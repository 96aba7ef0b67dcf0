package org.alcove;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is wrong in an op file or a descriptor document, and what to write instead.
 *
 * @param file the file
 * @param line its line, from 1, or 0 when the mistake is in no single line
 * @param message what is wrong
 * @param hint what to do; may be empty
 */
public record Mistake(Path file, int line, String message, String hint) {
    /** As compilers write it: {@code cells.py:12: parameter sigma has no type}. */
    @Override
    public String toString() {
        if (line > 0) {
            return file + ":" + line + ": " + message;
        }
        return message.contains(String.valueOf(file.getFileName())) ? message : file + ": " + message;
    }

    /** As it stands among the data of a failure. */
    Map<String, Object> toValue() {
        return Map.of("file", file.toString(), "line", line, "message", message, "hint", hint);
    }

    /** The mistakes that a failure to load a file tells of; the failure itself as one, when it names none. */
    public static List<Mistake> in(AlcoveException failure, Path file) {
        List<Mistake> told = in(failure.data(), file);
        return told.isEmpty()
                ? List.of(new Mistake(file, 0, failure.getMessage(), failure.hint().orElse("")))
                : told;
    }

    /** The mistakes in the data of a failure. */
    static List<Mistake> in(Map<String, Object> data, Path file) {
        return Tree.list(data.get("mistakes")).stream().map(item -> of(Tree.object(item), file)).toList();
    }

    private static Mistake of(Map<String, Object> members, Path file) {
        String place = Tree.string(members.get("file"));
        return new Mistake(
                place == null ? file : Path.of(place),
                (int) Tree.number(members.get("line"), 0),
                String.valueOf(members.get("message")),
                members.get("hint") instanceof String hint ? hint : "");
    }
}
