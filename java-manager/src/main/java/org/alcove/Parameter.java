package org.alcove;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An input or output of an op, as its signature declares it: what dialogs and command lines are built from.
 *
 * @param descriptor the members as they stand in the op's descriptor
 */
public record Parameter(Map<String, Object> descriptor) {
    /** The parameter's name in Python. */
    public String name() {
        return String.valueOf(descriptor.get("name"));
    }

    /**
     * {@code boolean}, {@code integer}, {@code float}, {@code complex}, {@code string}, {@code bytes}, {@code path}, {@code
     * choice}, {@code list}, {@code object}, {@code any}, {@code array}, {@code table} or {@code shapes}.
     */
    public String type() {
        return String.valueOf(descriptor.get("type"));
    }

    /**
     * For arrays {@code image}, {@code labels}, {@code mask}, {@code points}, {@code vectors}, {@code tracks} or {@code
     * array}.
     */
    public Optional<String> role() {
        return text("role");
    }

    /** For arrays the axes that the op wants, such as {@code c? z? y x}. */
    public Optional<String> axes() {
        return text("axes");
    }

    /** For arrays the dtypes that the op takes; empty when it takes all. */
    public List<String> dtypes() {
        return Tree.strings(descriptor.get("dtypes"));
    }

    /** Whether a call must give it. */
    public boolean required() {
        return Boolean.TRUE.equals(descriptor.get("required"));
    }

    /** Whether it may be null. */
    public boolean nullable() {
        return Boolean.TRUE.equals(descriptor.get("nullable"));
    }

    /**
     * For an array that the op changes {@code out}, when only what it writes there counts, or {@code inout}, when it reads
     * it too. The caller's SharedArray is changed; it does not come back among the outputs.
     */
    public Optional<String> direction() {
        return text("direction");
    }

    /** The value when a call does not give it; null also when there is none. */
    public Object defaultValue() {
        return Values.read(descriptor.get("default"), null, Map.of());
    }

    /** The smallest value allowed. */
    public Optional<Number> minimum() {
        return Optional.ofNullable((Number) descriptor.get("minimum"));
    }

    /** The largest value allowed. */
    public Optional<Number> maximum() {
        return Optional.ofNullable((Number) descriptor.get("maximum"));
    }

    /** By how much a control in a dialog should change the value. */
    public Optional<Number> step() {
        return Optional.ofNullable((Number) descriptor.get("step"));
    }

    /** A name for dialogs. */
    public Optional<String> label() {
        return text("label");
    }

    /** The allowed values of a {@code choice}. */
    public List<Object> choices() {
        return Tree.list(descriptor.get("choices"));
    }

    /** What the items of a {@code list} are. */
    public Optional<Parameter> items() {
        return descriptor.get("items") instanceof Map<?, ?> items
                ? Optional.of(new Parameter(Tree.object(items)))
                : Optional.empty();
    }

    /** The unit of the value. */
    public Optional<String> unit() {
        return text("unit");
    }

    /** One or two lines for people. */
    public Optional<String> description() {
        return text("description");
    }

    /**
     * The value that a text stands for, as command lines and macros hand it over: {@code 2.5}, {@code true}, a path, a
     * choice's name, or JSON for lists and objects.
     *
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when the text is no such value
     */
    public Object parse(String text) {
        if (nullable() && (text.equals("null") || text.equals("None"))) {
            return null;
        }
        try {
            return switch (type()) {
                case "boolean" -> parseBoolean(text);
                case "integer" -> inRange(new BigInteger(text.strip()), text);
                case "float" -> inRange(Double.valueOf(text.strip()), text);
                case "string" -> text;
                case "path" -> Path.of(text);
                case "choice" -> choices().stream()
                        .filter(choice -> String.valueOf(choice).equals(text))
                        .findFirst()
                        .orElseThrow(() -> unfit(text));
                case "complex" -> Complex.parse(text);
                case "list", "object", "any" -> Json.parse(text.getBytes(StandardCharsets.UTF_8));
                default -> throw unfit(text);
            };
        } catch (NumberFormatException | IOException | InvalidPathException e) {
            throw unfit(text);
        }
    }

    private Boolean parseBoolean(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "1" -> Boolean.TRUE;
            case "false", "no", "off", "0" -> Boolean.FALSE;
            default -> throw unfit(text);
        };
    }

    private Number inRange(Number value, String text) {
        double number = value.doubleValue();
        boolean above = minimum().map(end -> number >= end.doubleValue()).orElse(true);
        boolean below = maximum().map(end -> number <= end.doubleValue()).orElse(true);
        if (!above || !below) {
            throw unfit(text);
        }
        return value;
    }

    private AlcoveException unfit(String text) {
        return new AlcoveException(
                ErrorKind.INVALID_PARAMS,
                name() + " cannot be '" + text + "'",
                name() + " is " + summary(),
                Map.of("path", "inputs." + name(), "expected", summary()));
    }

    /** What values it takes, in a few words: {@code float from 0 to 20, default 2.0, in pixels}. */
    public String summary() {
        StringBuilder text = new StringBuilder(role().filter(role -> !role.equals("array")).orElse(type()));
        axes().ifPresent(axes -> text.append(" with axes ").append(axes));
        if (!dtypes().isEmpty()) {
            text.append(" of ").append(String.join(" or ", dtypes()));
        }
        items().ifPresent(items -> text.append(" of ").append(items.summary()));
        if (type().equals("choice")) {
            text.append(" of ").append(choices());
        }
        if (minimum().isPresent() || maximum().isPresent()) {
            text.append(minimum().map(end -> " from " + end).orElse(""));
            text.append(maximum().map(end -> " to " + end).orElse(""));
        }
        unit().ifPresent(unit -> text.append(" (").append(unit).append(")"));
        if (nullable()) {
            text.append(" or null");
        }
        if (descriptor.containsKey("default")) {
            text.append(", default ").append(defaultValue());
        }
        return text.toString();
    }

    private Optional<String> text(String member) {
        return Optional.ofNullable(Tree.string(descriptor.get(member)));
    }
}
