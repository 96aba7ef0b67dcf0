package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two programs that other tests use: what one writes, the other reads. */
class ImageJTest {
    @TempDir
    private Path directory;

    @Test
    void theStackKeepsDepthAndCalibration() throws IOException {
        Path file = directory.resolve("größe 1.tif");
        ImageJTiff.main(new String[] {file.toString()});
        Map<String, Object> facts = ImageJReader.read(file.toString());
        assertEquals(16, facts.get("bit_depth"));
        assertEquals(64, facts.get("width"));
        assertEquals(48, facts.get("height"));
        assertEquals(1, facts.get("channels"));
        assertEquals(5, facts.get("slices"));
        assertEquals(1, facts.get("frames"));
        assertEquals(0.2, (double) facts.get("pixel_width"), 1e-9);
        assertEquals(0.2, (double) facts.get("pixel_height"), 1e-9);
        assertEquals(0.5, (double) facts.get("pixel_depth"), 1e-9);
        assertEquals("micron", facts.get("unit"));
        assertEquals(44763.0, facts.get("maximum"));
    }

    @Test
    void theReaderPrintsOneLineOfJson() throws IOException {
        Path file = directory.resolve("stack.tif");
        ImageJTiff.main(new String[] {file.toString()});
        PrintStream original = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            ImageJReader.main(new String[] {file.toString()});
        } finally {
            System.setOut(original);
        }
        assertEquals(16L, Tree.object(Json.parse(printed.toByteArray())).get("bit_depth"));
    }

    @Test
    void whatIsNoImageIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("text.txt"), "no image");
        assertThrows(IOException.class, () -> ImageJReader.read(file.toString()));
    }
}
