package org.alcove.catalog;

import java.util.Locale;
import java.util.Optional;

/** The value of a string as Python's source has it. */
final class StringLiteral {
    private static final int LONGEST = 1000; // of what belongs into a menu
    private static final String PLAIN = "\\'\"";

    private StringLiteral() {}

    /** Its value; nothing for bytes, a formatted string, and what needs more of Python than is here. */
    static Optional<String> value(String source) {
        int start = 0;
        while (Character.isLetter(source.charAt(start))) {
            start++;
        }
        String prefix = source.substring(0, start).toLowerCase(Locale.ROOT);
        int quotes = source.startsWith("\"\"\"", start) || source.startsWith("'''", start) ? 3 : 1;
        boolean hasEnd = source.length() >= start + 2 * quotes;
        if (!hasEnd || source.length() > LONGEST || !(prefix.isEmpty() || prefix.equals("r") || prefix.equals("u"))) {
            return Optional.empty();
        }
        String body = source.substring(start + quotes, source.length() - quotes);
        return prefix.equals("r") || body.indexOf('\\') < 0 ? Optional.of(body) : unescaped(body);
    }

    private static Optional<String> unescaped(String body) {
        StringBuilder value = new StringBuilder();
        for (int i = 0; i < body.length(); i++) {
            if (body.charAt(i) != '\\') {
                value.append(body.charAt(i));
                continue;
            }
            if (++i == body.length()) {
                return Optional.empty();
            }
            char kind = body.charAt(i);
            int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 0;
            if (PLAIN.indexOf(kind) >= 0) {
                value.append(kind);
            } else if (kind == 'n' || kind == 't') {
                value.append(kind == 'n' ? '\n' : '\t');
            } else if (digits > 0 && body.substring(i + 1).matches("(?s)[0-9a-fA-F]{" + digits + "}.*")) {
                value.append((char) Integer.parseInt(body.substring(i + 1, i + 1 + digits), 16));
                i += digits;
            } else if (kind != '\n') {
                return Optional.empty();
            }
        }
        return Optional.of(value.toString());
    }
}
