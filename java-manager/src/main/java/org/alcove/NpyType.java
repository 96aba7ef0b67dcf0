package org.alcove;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The type of the elements as .npy files write it: {@code <u2}. */
record NpyType(DType dtype, boolean isBigEndian) {
    private static final Pattern TYPE = Pattern.compile("([<>=|]?)([a-zA-Z])([0-9]*(?:\\[.*])?)");
    private static final Map<String, String> LETTERS =
            Map.of("bool", "b", "int", "i", "uint", "u", "float", "f", "complex", "c");

    static NpyType of(String descr, NpyFailures failures) {
        Matcher parts = TYPE.matcher(descr);
        if (!parts.matches()) {
            throw failures.damaged("its header names the type '" + shortened(descr) + "'");
        }
        Optional<DType> dtype = dtype(parts.group(2) + parts.group(3));
        if (dtype.isEmpty()) {
            throw failures.unsupported(what(parts.group(2), descr), hint(parts.group(2)));
        }
        // "=" and "|" numpy never writes for numbers of several bytes; it reads them as this machine's order.
        return new NpyType(dtype.get(), parts.group(1).equals(">") && dtype.get().bytes() > 1);
    }

    static String descr(DType dtype) {
        return (dtype.bytes() == 1 ? "|" : "<") + letters(dtype);
    }

    private static Optional<DType> dtype(String letters) {
        for (DType dtype : DType.values()) {
            if (letters(dtype).equals(letters)) {
                return Optional.of(dtype);
            }
        }
        return Optional.empty();
    }

    private static String letters(DType dtype) {
        return LETTERS.get(dtype.word().replaceAll("[0-9]", "")) + dtype.bytes();
    }

    private static String what(String letter, String descr) {
        return switch (letter) {
            case "O" -> "it holds Python objects, which are pickled";
            case "U", "S", "a" -> "it holds texts";
            case "M", "m" -> "it holds dates or times";
            case "V" -> "it holds records of unknown kind";
            default -> "it holds elements of type " + shortened(descr);
        };
    }

    private static String hint(String letter) {
        return switch (letter) {
            case "O" -> "unpickling can run any code; save an array of numbers: numpy.save(path, array.astype('float64'))";
            case "M", "m" -> "save them as numbers: array.astype('int64')";
            default -> "numbers are read: bool, int8 to int64, uint8 to uint64, float16 to float64, complex64, complex128";
        };
    }

    private static String shortened(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }
}
