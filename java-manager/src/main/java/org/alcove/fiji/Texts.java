package org.alcove.fiji;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Values as texts that {@link org.alcove.Parameter#parse} reads. */
final class Texts {
    /** Up to here every whole number is a double, and is read better without an exponent. */
    private static final double PLAIN = 1e15;

    private Texts() {}

    /** A value as it stands in a field of a dialog: lists and objects as JSON, nothing as an empty text. */
    static String of(Object value) {
        if (value == null) {
            return "";
        }
        boolean isJson = value instanceof Collection || value instanceof Map;
        return value instanceof Number number ? number(number) : isJson ? json(value) : String.valueOf(value);
    }

    /** A number in the shortest form that gives it again: {@code 2}, {@code 0.5}, {@code 1e-9}. */
    static String number(Number number) {
        if (number instanceof BigInteger || number instanceof Long || number instanceof Integer) {
            return number.toString();
        }
        double value = number.doubleValue();
        if (!Double.isFinite(value)) {
            return String.valueOf(value);
        }
        if (value == Math.rint(value) && Math.abs(value) < PLAIN) {
            return new BigDecimal(value).toPlainString();
        }
        return Double.toString(value).replace(".0E", "E").replace('E', 'e');
    }

    private static String json(Object value) {
        if (value instanceof Collection<?> items) {
            return items.stream().map(Texts::json).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Map<?, ?> members) {
            return members.entrySet().stream()
                    .map(member -> quoted(String.valueOf(member.getKey())) + ": " + json(member.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return value instanceof Number || value instanceof Boolean
                ? String.valueOf(value)
                : value == null ? "null" : quoted(String.valueOf(value));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            if (letter == '"' || letter == '\\') {
                quoted.append('\\').append(letter);
            } else {
                quoted.append(letter < ' ' ? String.format("\\u%04x", (int) letter) : letter);
            }
        }
        return quoted.append('"').toString();
    }
}
