package org.alcove.fiji;

import ij.macro.Interpreter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.alcove.AlcoveException;
import org.alcove.Parameter;

/**
 * What stands in a macro behind the name of a command: {@code image=[blobs.gif] sigma=2.5 fill}. ImageJ reads this when it
 * makes a dialog; here it is read without one, so that it works where no window can be, and so that whatever a macro does not
 * mention has its default, checkboxes too.
 *
 * <p>A value with blanks stands in brackets. One that ImageJ's macros could not hold that way, or not reliably (letters
 * beyond ASCII, a bracket without its other half), stands there as a text of JSON.
 */
final class MacroOptions {
    private static final Parameter JSON = new Parameter(Map.of("name", "text", "type", "any"));

    private final Map<String, String> values = new LinkedHashMap<>();
    private final String text;
    private int place;

    private MacroOptions(String text) {
        this.text = text;
    }

    /**
     * The values by key, undecoded; of a key alone, as checkboxes are written, {@code true}.
     *
     * @param known the keys that there may be
     * @throws AlcoveException when one is not among them, or a bracket is not closed
     */
    static Map<String, String> read(String options, Set<String> known) {
        MacroOptions reader = new MacroOptions(options);
        while (reader.skipBlanks()) {
            String key = reader.key();
            if (!known.contains(key)) {
                throw unknown(key, known);
            }
            reader.values.putIfAbsent(key, reader.value(key));
        }
        return reader.values;
    }

    private boolean skipBlanks() {
        while (place < text.length() && Character.isWhitespace(text.charAt(place))) {
            place++;
        }
        return place < text.length();
    }

    private String key() {
        int start = place;
        while (place < text.length() && text.charAt(place) != '=' && !Character.isWhitespace(text.charAt(place))) {
            place++;
        }
        return text.substring(start, place).toLowerCase(Locale.US);
    }

    private String value(String key) {
        if (place == text.length() || text.charAt(place) != '=') {
            return "true";
        }
        place++;
        char first = place < text.length() ? text.charAt(place) : ' ';
        if (first == '[') {
            return upTo(closingBracket(key));
        }
        int end = first == '\'' ? text.indexOf('\'', place + 1) : -1;
        if (end > 0) {
            return upTo(end);
        }
        int start = place;
        while (place < text.length() && !Character.isWhitespace(text.charAt(place))) {
            place++;
        }
        return text.substring(start, place);
    }

    private String upTo(int end) {
        String value = text.substring(place + 1, end);
        place = end + 1;
        return value;
    }

    private int closingBracket(String key) {
        int open = 0;
        for (int i = place; i < text.length(); i++) {
            open += text.charAt(i) == '[' ? 1 : text.charAt(i) == ']' ? -1 : 0;
            if (open == 0) {
                return i;
            }
        }
        throw Refusal.of(Words.of("MacroOptions.unclosed", key), Words.of("MacroOptions.unclosedHint", key));
    }

    private static AlcoveException unknown(String key, Set<String> known) {
        return Refusal.of(
                Words.of("MacroOptions.unknown", key),
                known.isEmpty()
                        ? Words.of("MacroOptions.noneKnown")
                        : Words.of("MacroOptions.known", known.stream().sorted().collect(Collectors.joining(", "))));
    }

    /** A value as ImageJ's recorder is to be given it, which puts what has blanks into brackets by itself. */
    static String encode(String value) {
        boolean isPlain = isAscii(value) && areBracketsClosed(value) && !isQuoted(value)
                && !value.startsWith("'") && !value.startsWith("&");
        return bracketed(isPlain ? value : quoted(value));
    }

    /** JSON as ImageJ's recorder is to be given it: in ASCII, without brackets in its texts. */
    static String encodeJson(String json) {
        StringBuilder encoded = new StringBuilder();
        boolean isText = false;
        for (int i = 0; i < json.length(); i++) {
            char letter = json.charAt(i);
            if (isText && letter == '\\') {
                encoded.append(letter).append(json.charAt(++i));
                continue;
            }
            isText ^= letter == '"';
            encoded.append(isText ? escaped(letter) : String.valueOf(letter));
        }
        return bracketed(encoded.toString());
    }

    /** What a value stood for before it was encoded, with the values of a macro's variables for their names. */
    static String decode(String value) {
        if (value.startsWith("&")) {
            return variable(value.substring(1)).orElse(value);
        }
        try {
            return isQuoted(value) && JSON.parse(value) instanceof String plain ? plain : value;
        } catch (AlcoveException e) {
            return value;
        }
    }

    /** The value of a variable of the macro that runs now. */
    static Optional<String> variable(String name) {
        Interpreter macro = Interpreter.getInstance();
        return Optional.ofNullable(macro == null ? null : macro.getVariableAsString(name));
    }

    private static String bracketed(String value) {
        return value.isEmpty() || value.startsWith("[") && value.indexOf(' ') < 0 ? "[" + value + "]" : value;
    }

    private static boolean isQuoted(String value) {
        return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
    }

    private static boolean isAscii(String value) {
        return value.chars().allMatch(letter -> letter >= ' ' && letter <= '~');
    }

    private static boolean areBracketsClosed(String value) {
        int open = 0;
        for (char letter : value.toCharArray()) {
            open += letter == '[' ? 1 : letter == ']' ? -1 : 0;
            if (open < 0) {
                return false;
            }
        }
        return open == 0;
    }

    private static String quoted(String value) {
        return value.chars().mapToObj(letter -> letter == '"' || letter == '\\' ? "\\" + (char) letter : escaped((char) letter))
                .collect(Collectors.joining("", "\"", "\""));
    }

    private static String escaped(char letter) {
        boolean isPlain = letter >= ' ' && letter <= '~' && letter != '[' && letter != ']' && letter != '&';
        return isPlain ? String.valueOf(letter) : String.format("\\u%04x", (int) letter);
    }
}
