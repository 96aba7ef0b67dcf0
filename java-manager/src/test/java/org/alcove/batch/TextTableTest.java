package org.alcove.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alcove.AlcoveException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables as spreadsheets write them, and the names of items. */
class TextTableTest {
    @TempDir
    Path folder;

    @Test
    void readsWhatSpreadsheetsWrite() throws IOException {
        List<String> names = List.of("image", "note", "sigma");
        List<List<String>> rows = List.of(List.of("a.tif", "x, \"y\"\nz; t\t", "1.5"), List.of("b.tif", "", ""));
        for (String separator : List.of(",", ";", "\t")) {
            String text = "\ufeffimage,note , sigma\r\n a.tif,\"x, \"\"y\"\"\nz; t\t\",1.5\r\n\r\nb.tif,,\r\n"
                    .replace("image,note , sigma", String.join(separator, "image", "note ", " sigma"))
                    .replace("a.tif,\"", "a.tif" + separator + "\"")
                    .replace("\",1.5", "\"" + separator + "1.5")
                    .replace("b.tif,,", "b.tif" + separator + separator);
            TextTable table = read(text);
            assertEquals(names, table.names());
            assertEquals(rows, table.rows());
        }
    }

    @Test
    void shortRowsAndOtherLineEndsAreFine() throws IOException {
        TextTable table = read("a\tb\r1\n2\t3\t\t\n\"\"");
        assertEquals(List.of(List.of("1", ""), List.of("2", "3"), List.of("", "")), table.rows());
        assertEquals(List.of(List.of("1"), List.of("2")), read("only\n1\n2").rows());
    }

    @Test
    void whatIsNoTableIsRefused() throws IOException {
        assertRefused("a,b\n1,2,3\n", "row 1");
        assertRefused("", "is empty");
        Path file = folder.resolve("latin.csv");
        Files.write(file, "größe\n1\n".getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(assertThrows(AlcoveException.class, () -> TextTable.read(file)).getMessage().contains("UTF-8"));
        assertThrows(AlcoveException.class, () -> TextTable.read(folder.resolve("none.csv")));
    }

    @Test
    void eachItemHasANameOfItsOwn() {
        ItemNames names = new ItemNames();
        assertEquals("plate 1/A1.ome.tif", names.of(folder.resolve("plate 1/A1.ome.tif"), folder));
        assertEquals("plate 1/A1~2.ome.tif", names.of(folder.resolve("plate 1/A1.ome.tif"), folder));
        assertEquals("plate 1/A1~3.ome.tif", names.of("plate 1/A1.ome.tif"));
        assertEquals("b", names.of("b"));
        assertEquals("b~2", names.of("b"));
        assertEquals("x.tif", names.of(Path.of("/elsewhere/x.tif"), folder));
    }

    private void assertRefused(String text, String fragment) {
        AlcoveException refused = assertThrows(AlcoveException.class, () -> read(text));
        assertTrue(refused.getMessage().contains(fragment), refused.getMessage());
        assertTrue(refused.hint().isPresent());
    }

    private TextTable read(String text) throws IOException {
        return TextTable.read(Files.writeString(folder.resolve("tabelle ä.csv"), text));
    }
}
