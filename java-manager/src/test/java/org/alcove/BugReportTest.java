package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report that a window of a failure saves. */
class BugReportTest {
    @TempDir
    private Path folder;

    @Test
    void theFailureIsInItWithoutPasswords() throws Exception {
        Path file = folder.resolve("report ü.zip");

        List<String> names = new BugReport(folder.resolve("no data"), Redaction.here())
                .about("cells.py, line 12\nhttp://me:geheim@proxy.example.org refused\n")
                .write(file);

        assertTrue(names.contains("failure.txt") && names.contains("doctor.txt"), names.toString());
        try (ZipFile zip = new ZipFile(file.toFile())) {
            String failure = new String(
                    zip.getInputStream(zip.getEntry("failure.txt")).readAllBytes(), StandardCharsets.UTF_8);
            assertEquals("cells.py, line 12\nhttp://***@proxy.example.org refused\n", failure);
        }
    }
}
