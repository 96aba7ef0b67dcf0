package org.alcove;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A complex number, as an op takes or returns one.
 *
 * @param real the real part
 * @param imag the imaginary part, by Python's name
 */
public record Complex(double real, double imag) {
    private static final Pattern TEXT = Pattern.compile("(?<real>NUMBER)|(?:(?<first>NUMBER)(?=[+-]))?(?<imag>NUMBER)j"
            .replace("NUMBER", "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?"));

    /** As Python reads and writes it: {@code 1.0-2.0j}. */
    @Override
    public String toString() {
        return real + (imag < 0 || 1 / imag < 0 ? "" : "+") + imag + "j";
    }

    /** The number that a text in Python's form stands for: {@code 2}, {@code 1.5-2j}, {@code 1j}. */
    static Complex parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new NumberFormatException(text);
        }
        if (matcher.group("real") != null) {
            return new Complex(Double.parseDouble(matcher.group("real")), 0);
        }
        String first = matcher.group("first");
        return new Complex(first == null ? 0 : Double.parseDouble(first), Double.parseDouble(matcher.group("imag")));
    }
}
