package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The texts that ImageJ's users read. */
class WordsTest {
    private static final Pattern KEY = Pattern.compile("\"([A-Z]\\w+\\.\\w+)\"");

    @Test
    void everyTextThatIsAskedForIsThereAndNoOther() throws IOException {
        TreeSet<String> asked = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("src/main/java/org/alcove/fiji"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Matcher keys = KEY.matcher(Files.readString(file));
                while (keys.find()) {
                    asked.add(keys.group(1));
                }
            }
        }
        TreeSet<String> missing = new TreeSet<>(asked);
        TreeSet<String> unused = new TreeSet<>(ResourceBundle.getBundle("org.alcove.fiji.Words").keySet());
        missing.removeAll(unused);
        unused.removeAll(asked);
        assertEquals(Set.of(), missing, "asked for and not there");
        assertEquals(Set.of(), unused, "there and not asked for");
    }

    @Test
    void textsStandInTheirPlaces() {
        assertEquals("Alcove: 2 ops in the menus, 1 file does not load", Words.of("Commands.refreshedBroken", 2, 1));
        assertEquals("There is no file it’s.py any more.", Words.of("FileOpener.gone", Path.of("it’s.py")));
    }
}
