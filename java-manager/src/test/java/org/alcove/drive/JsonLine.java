package org.alcove.drive;

import java.util.Map;
import java.util.StringJoiner;

/** Maps, lists, texts, numbers and truth values as one line of JSON. */
final class JsonLine {
    private JsonLine() {}

    static String of(Object value) {
        if (value instanceof Map<?, ?> map) {
            StringJoiner members = new StringJoiner(",", "{", "}");
            map.forEach((key, member) -> members.add(text(String.valueOf(key)) + ":" + of(member)));
            return members.toString();
        }
        if (value instanceof Iterable<?> items) {
            StringJoiner joined = new StringJoiner(",", "[", "]");
            items.forEach(item -> joined.add(of(item)));
            return joined.toString();
        }
        boolean bare = value == null || value instanceof Boolean || value instanceof Number && isFinite((Number) value);
        return bare ? String.valueOf(value) : text(String.valueOf(value));
    }

    private static boolean isFinite(Number number) {
        return Double.isFinite(number.doubleValue());
    }

    private static String text(String text) {
        StringBuilder line = new StringBuilder("\"");
        for (char sign : text.toCharArray()) {
            if (sign < ' ' || sign == '"' || sign == '\\' || sign > '~') {
                line.append(String.format("\\u%04x", (int) sign));
            } else {
                line.append(sign);
            }
        }
        return line.append('"').toString();
    }
}
