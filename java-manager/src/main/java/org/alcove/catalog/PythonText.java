package org.alcove.catalog;

import java.util.ArrayList;
import java.util.List;

/**
 * The statements of a Python file as tokens, found by reading it: names, strings and single signs, without comments. It
 * knows just enough of Python for imports and decorators, and never fails: what is no Python gives odd tokens.
 */
final class PythonText {
    private final String text;
    private int place;
    private int line = 1;
    private int depth;
    private final List<Statement> statements = new ArrayList<>();
    private List<Token> tokens = new ArrayList<>();

    /** What a token is. */
    enum Kind {
        NAME,
        STRING,
        SIGN
    }

    /**
     * A token.
     *
     * @param text the name or the sign; of a string its source, with prefix and quotes
     */
    record Token(Kind kind, String text) {
        boolean is(String sign) {
            return kind != Kind.STRING && text.equals(sign);
        }
    }

    /**
     * A statement, or the head of a compound one up to its colon.
     *
     * @param line where it begins, from 1
     */
    record Statement(int line, List<Token> tokens) {
        boolean startsWith(String word) {
            return !tokens.isEmpty() && tokens.get(0).is(word);
        }
    }

    private PythonText(String text) {
        this.text = text;
    }

    static List<Statement> statements(String text) {
        PythonText reader = new PythonText(text);
        reader.read();
        return reader.statements;
    }

    private void read() {
        int first = 1;
        while (place < text.length()) {
            char next = text.charAt(place);
            if (tokens.isEmpty()) {
                first = line;
            }
            if (next == '\n') {
                place++;
                line++;
                if (depth == 0) {
                    end(first);
                }
            } else if (next == '#') {
                place = endOfLine();
            } else if (next == '\\' && place + 1 < text.length() && text.charAt(place + 1) == '\n') {
                place += 2;
                line++;
            } else if (isQuoted()) {
                tokens.add(new Token(Kind.STRING, string()));
            } else if (Character.isJavaIdentifierPart(next) && next != '$') {
                tokens.add(new Token(Kind.NAME, name()));
            } else {
                place++;
                sign(next, first);
            }
        }
        end(first);
    }

    private void sign(char sign, int first) {
        if ("([{".indexOf(sign) >= 0) {
            depth++;
        } else if (")]}".indexOf(sign) >= 0) {
            depth = Math.max(0, depth - 1);
        }
        if (depth == 0 && (sign == ';' || sign == ':')) {
            end(first); // "try: import this", "import this; import that"
        } else if (!Character.isWhitespace(sign)) {
            tokens.add(new Token(Kind.SIGN, String.valueOf(sign)));
        }
    }

    private void end(int first) {
        if (!tokens.isEmpty()) {
            statements.add(new Statement(first, tokens));
            tokens = new ArrayList<>();
        }
    }

    private int endOfLine() {
        int end = text.indexOf('\n', place);
        return end < 0 ? text.length() : end;
    }

    private String name() {
        int start = place;
        while (place < text.length() && Character.isJavaIdentifierPart(text.charAt(place)) && text.charAt(place) != '$') {
            place++;
        }
        return text.substring(start, place);
    }

    /** Whether a string begins here, perhaps with a prefix of up to two letters. */
    private boolean isQuoted() {
        int quote = place;
        while (quote < text.length() && quote < place + 3 && "rRbBuUfFtT".indexOf(text.charAt(quote)) >= 0) {
            quote++;
        }
        return quote < text.length() && (text.charAt(quote) == '"' || text.charAt(quote) == '\'') && quote < place + 3;
    }

    private String string() {
        int start = place;
        while (text.charAt(place) != '"' && text.charAt(place) != '\'') {
            place++;
        }
        String quote = text.substring(place, place + 1);
        if (text.startsWith(quote.repeat(3), place)) {
            quote = quote.repeat(3);
        }
        place += quote.length();
        while (place < text.length() && !text.startsWith(quote, place)) {
            if (text.charAt(place) == '\n') {
                if (quote.length() == 1) {
                    return text.substring(start, place); // it has no end: the line's will do
                }
                line++;
            } else if (text.charAt(place) == '\\' && place + 1 < text.length()) {
                place++;
                line += text.charAt(place) == '\n' ? 1 : 0;
            }
            place++;
        }
        place = Math.min(text.length(), place + quote.length());
        return text.substring(start, place);
    }
}
