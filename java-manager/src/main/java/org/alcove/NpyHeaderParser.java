package org.alcove;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the one kind of Python literal that a .npy header is: a dict with {@code descr}, {@code fortran_order} and {@code
 * shape}. Nothing is evaluated, and what is anything else is an error.
 */
final class NpyHeaderParser {
    /** More sizes than any array has; a hostile header could bring thousands. */
    private static final int MOST_SIZES = 100;
    private static final int MOST_DIGITS = 18;

    private final String text;
    private final NpyFailures failures;
    private int at;
    private String descr;
    private Boolean isFortranOrder;
    private List<Long> shape;

    NpyHeaderParser(String text, NpyFailures failures) {
        this.text = text;
        this.failures = failures;
    }

    /** What the dict holds. */
    record Members(String descr, boolean isFortranOrder, List<Long> shape) {}

    /**
     * Reads all of the text.
     *
     * @throws AlcoveException when it is anything else, or elements are no plain numbers
     */
    Members members() {
        expect('{');
        while (!next('}')) {
            member(string());
            if (!next(',')) {
                expect('}');
                break;
            }
        }
        skipBlanks();
        if (at < text.length()) {
            throw wrong("has something behind its end");
        }
        if (descr == null || isFortranOrder == null || shape == null) {
            throw wrong("lacks " + (descr == null ? "descr" : isFortranOrder == null ? "fortran_order" : "shape"));
        }
        return new Members(descr, isFortranOrder, shape);
    }

    private void member(String key) {
        expect(':');
        switch (key) {
            case "descr" -> {
                requireNew(descr, key);
                requirePlain();
                descr = string();
            }
            case "fortran_order" -> {
                requireNew(isFortranOrder, key);
                isFortranOrder = truth();
            }
            case "shape" -> {
                requireNew(shape, key);
                shape = sizes();
            }
            default -> throw wrong("has an unknown key");
        }
    }

    private void requireNew(Object known, String key) {
        if (known != null) {
            throw wrong("has " + key + " twice");
        }
    }

    /** A record's type is a list, and one that repeats a tuple. */
    private void requirePlain() {
        skipBlanks();
        if (isAt('[') || isAt('(')) {
            throw failures.unsupported("it holds records of several fields",
                    "save each field by itself, several by numpy.savez: numpy.save(path, array['field'])");
        }
    }

    private String string() {
        skipBlanks();
        char quote = isAt('"') ? '"' : '\'';
        expect(quote);
        int end = text.indexOf(quote, at);
        String content = end < 0 ? "\\" : text.substring(at, end);
        if (content.indexOf('\\') >= 0 || content.indexOf('\n') >= 0) {
            throw wrong("has a text that does not end, or with escapes");
        }
        at = end + 1;
        return content;
    }

    private boolean truth() {
        skipBlanks();
        for (String word : List.of("True", "False")) {
            if (text.startsWith(word, at)) {
                at += word.length();
                return word.equals("True");
            }
        }
        throw wrong("has a fortran_order that is neither True nor False");
    }

    private List<Long> sizes() {
        List<Long> sizes = new ArrayList<>();
        expect('(');
        boolean hasComma = false;
        while (!next(')')) {
            sizes.add(size());
            if (sizes.size() > MOST_SIZES) {
                throw wrong("has a shape of more than " + MOST_SIZES + " dimensions");
            }
            boolean isLast = !next(',');
            hasComma |= !isLast;
            if (isLast) {
                expect(')');
                break;
            }
        }
        if (sizes.size() == 1 && !hasComma) {
            throw wrong("has a shape that is no tuple"); // (5) is a number in brackets
        }
        return sizes;
    }

    private long size() {
        skipBlanks();
        if (isAt('-')) {
            throw wrong("has a negative size");
        }
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        String digits = text.substring(start, at);
        if (digits.isEmpty() || digits.length() > 1 && digits.startsWith("0")) {
            throw wrong("has a size that is no whole number");
        } else if (digits.length() > MOST_DIGITS) {
            throw wrong("has a size of " + digits.length() + " digits");
        }
        if (isAt('L')) {
            at++; // Python 2 wrote long integers so
        }
        return Long.parseLong(digits);
    }

    private void expect(char expected) {
        if (!next(expected)) {
            throw wrong("has no " + expected + " at its character " + (at + 1));
        }
    }

    /** Goes past a character, and blanks before it, if it is the next one. */
    private boolean next(char expected) {
        skipBlanks();
        if (isAt(expected)) {
            at++;
            return true;
        }
        return false;
    }

    private void skipBlanks() {
        while (at < text.length() && " \t\r\n\f".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean isAt(char expected) {
        return at < text.length() && text.charAt(at) == expected;
    }

    private AlcoveException wrong(String how) {
        return failures.damaged("its header " + how);
    }
}
