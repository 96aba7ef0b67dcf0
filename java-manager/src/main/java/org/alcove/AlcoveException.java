package org.alcove;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that Alcove throws. It has a stable {@link #kind()}, mostly a {@link #hint()} that says what to do next,
 * and {@link #data()} with what a report needs.
 */
public class AlcoveException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorKind kind;
    private final String hint;
    private final transient Map<String, Object> data;

    /**
     * @param kind what programs branch on
     * @param message what happened, in a user's words
     * @param hint what to do next, or null
     * @param data facts for a report: strings, numbers, lists and maps
     */
    public AlcoveException(ErrorKind kind, String message, String hint, Map<String, Object> data) {
        super(message);
        this.kind = kind;
        this.hint = hint;
        this.data = Map.copyOf(withoutNulls(data));
    }

    AlcoveException(ErrorKind kind, String message, String hint) {
        this(kind, message, hint, Map.of());
    }

    /** The same, with the trace of the thread that waited: that one helps, while the failure itself came to another. */
    AlcoveException thrownHere() {
        setStackTrace(new Throwable().getStackTrace());
        return this;
    }

    /** What went wrong, for programs. */
    public ErrorKind kind() {
        return kind;
    }

    /** What to do next, for people. */
    public Optional<String> hint() {
        return Optional.ofNullable(hint);
    }

    /** What a report needs, by the names in the protocol's table of errors. */
    public Map<String, Object> data() {
        return data == null ? Map.of() : data;
    }

    /** For {@link ErrorKind#OP_FAILED} and {@link ErrorKind#LOAD_FAILED}: Python's traceback, else empty. */
    public String traceback() {
        return data().get("traceback") instanceof String text ? text : "";
    }

    private static Map<String, Object> withoutNulls(Map<String, Object> data) {
        Map<String, Object> copy = new java.util.HashMap<>(data);
        copy.values().removeIf(java.util.Objects::isNull);
        return copy;
    }

    /** The exception that a worker's error stands for. */
    static AlcoveException fromWorker(Map<String, Object> error) {
        Map<String, Object> data = Tree.object(error.get("data"));
        ErrorKind kind = ErrorKind.ofWord(String.valueOf(data.get("kind")));
        String message = String.valueOf(error.get("message"));
        String hint = data.get("hint") instanceof String text ? text : usualHint(kind, data);
        if (kind == ErrorKind.CANCELLED) {
            return new CancelledException(message);
        }
        return new AlcoveException(kind, message, hint, data);
    }

    private static String usualHint(ErrorKind kind, Map<String, Object> data) {
        if (kind == ErrorKind.OUT_OF_SHARED_MEMORY) {
            return SharedMemory.HINT_WHEN_FULL;
        }
        List<Object> mistakes = Tree.list(data.get("mistakes"));
        return mistakes.isEmpty() ? null : Tree.string(Tree.object(mistakes.get(0)).get("hint"));
    }
}
