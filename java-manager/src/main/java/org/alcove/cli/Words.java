package org.alcove.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a constant of an enum as people type it, in lower case.
 *
 * @param constants all of them
 */
record Words<E extends Enum<E>>(E[] constants) implements ITypeConverter<E> {
    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public E convert(String text) {
        return Arrays.stream(constants)
                .filter(constant -> of(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("expected "
                        + Arrays.stream(constants).map(Words::of).collect(Collectors.joining(" or "))
                        + ", not '" + text + "'"));
    }
}
