package org.alcove.gui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.List;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the windows say stands in the bundle, all of it and no more. */
class WordsTest {
    private static final Path SOURCES = Path.of("src/main/java/org/alcove/gui");
    private static final Pattern KEY = Pattern.compile("\"([A-Z][A-Za-z]+\\.[a-z][A-Za-z]+)\"");

    @Test
    void whatIsAskedForIsThereAndWhatIsThereIsAskedFor() throws IOException {
        Set<String> unknown = asked();
        unknown.removeAll(bundle().keySet());
        assertEquals(Set.of(), unknown, "asked for, and not in the bundle");
        Set<String> idle = new TreeSet<>(bundle().keySet());
        idle.removeAll(asked());
        assertEquals(Set.of(), idle, "in the bundle, and never asked for");
    }

    @Test
    void everyTextCanBeFormatted() {
        for (String key : bundle().keySet()) {
            String text = bundle().getString(key);
            new MessageFormat(text);
            assertFalse(text.replace("''", "").matches("(?s).*\\w'\\w.*"), key + " has an apostrophe that would vanish");
        }
    }

    @Test
    void numbersStandAsTheTextsLanguageWritesThem() {
        assertEquals("1.2 GB", Quantities.size(1_234_000_000));
        assertTrue(Words.of("FailureText.line", "cells.py", "1234").contains("1234"));
    }

    private static ResourceBundle bundle() {
        return ResourceBundle.getBundle("org.alcove.gui.Words");
    }

    private static Set<String> asked() throws IOException {
        Set<String> keys = new TreeSet<>();
        List<Path> files;
        try (Stream<Path> found = Files.list(SOURCES)) {
            files = found.filter(file -> file.toString().endsWith(".java")).toList();
        }
        for (Path file : files) {
            Matcher literal = KEY.matcher(Files.readString(file));
            while (literal.find()) {
                if (Files.exists(SOURCES.resolve(literal.group(1).replaceFirst("\\..*", ".java")))
                        || bundle().containsKey(literal.group(1))) {
                    keys.add(literal.group(1));
                }
            }
        }
        return keys;
    }
}
