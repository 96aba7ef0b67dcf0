package org.alcove.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one line in a file that is the user's. */
class StartMacroTest {
    @TempDir
    private Path folder;

    private StartMacro macro;

    @BeforeEach
    void choose() {
        macro = new StartMacro(folder.resolve("macros ü"));
    }

    @Test
    void theLineIsPutThereOnceAndTakenAwayAgain() throws IOException {
        assertFalse(macro.isThere());
        assertTrue(macro.add());
        assertFalse(macro.add());
        assertTrue(macro.isThere());
        assertEquals(1, Files.readAllLines(macro.file()).size());
        assertTrue(macro.remove());
        assertFalse(macro.remove());
        assertFalse(Files.exists(macro.file()));
    }

    @Test
    void whatTheUserHasThereStaysByteForByte() throws IOException {
        for (String text : new String[] {"run(\"Bläh\");\r\nprint(1);", "print(\"\u00ff\");\n\n", "\n"}) {
            byte[] before = text.getBytes(StandardCharsets.ISO_8859_1);
            Files.createDirectories(macro.file().getParent());
            Files.write(macro.file(), before);
            macro.add();
            assertTrue(Files.readString(macro.file(), StandardCharsets.ISO_8859_1).endsWith(text));
            macro.remove();
            String after = Files.exists(macro.file()) ? Files.readString(macro.file(), StandardCharsets.ISO_8859_1) : "\n";
            assertEquals(text, after);
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsTold() throws IOException {
        Files.writeString(folder.resolve("macros ü"), "a file");
        assertThrows(IOException.class, macro::add);
        assertFalse(macro.isThere());
    }
}
