package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log file of a manager. */
class LogFileTest {
    @TempDir
    private Path folder;

    private Host host;
    private LogFile log;

    @BeforeEach
    void open() {
        host = new Host(SharedMemory.open(folder.resolve("memory")));
        log = new LogFile(host);
        log.writeTo(logs());
    }

    @AfterEach
    void close() {
        log.close();
        host.memory().close();
        host.close();
    }

    @Test
    void isMadeWithTheFirstLineAndForItsOwnerAlone() throws Exception {
        LogFile.Source worker = log.source();
        assertFalse(Files.exists(logs()));
        worker.say(4711, "starting: https://me:pw@server/");
        worker.line(4711, "stderr", "two\nlines");
        log.close();
        List<String> lines = Files.readAllLines(file());
        assertTrue(lines.get(0).startsWith("Alcove " + Alcove.version()), lines.get(0));
        assertTrue(lines.get(1).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} worker 4711 starting: https://\\*\\*\\*@server/"),
                lines.get(1));
        assertTrue(lines.get(2).endsWith("worker 4711 stderr: two"), lines.get(2));
        assertEquals("    lines", lines.get(3));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }

    @Test
    void isWrittenSoonWithoutBeingClosed() throws Exception {
        log.source().say(1, "here");
        Eventually.becomes("written", () -> Files.exists(logs()) && text().contains("here"));
        log.source().say(1, "there");
        Eventually.becomes("written", () -> text().contains("there"));
    }

    @Test
    void leavesOutLinesOfAFloodAndSaysHowMany() throws Exception {
        LogFile.Source worker = log.source();
        for (int i = 0; i < 100_000; i++) {
            worker.line(1, "stderr", "flood");
        }
        worker.say(1, "ended");
        log.source().line(2, "stderr", "of another");
        log.close();
        List<String> lines = Files.readAllLines(file());
        assertTrue(lines.size() < 5000, lines.size() + " lines");
        long written = lines.stream().filter(line -> line.endsWith("flood")).count();
        long leftOut = lines.stream()
                .filter(line -> line.endsWith("lines left out)"))
                .mapToLong(line -> Long.parseLong(line.replaceFirst(".*\\((\\d+) lines.*", "$1")))
                .sum();
        assertEquals(100_000, written + leftOut);
        assertTrue(lines.get(lines.size() - 2).endsWith("worker 1 ended"), "what happened is never left out");
        assertTrue(lines.get(lines.size() - 1).endsWith("of another"));
    }

    @Test
    void keepsTheLastPartsOfALongOne() throws Exception {
        LogFile small = new LogFile(host, 20_000);
        small.writeTo(logs());
        LogFile.Source worker = small.source();
        for (int i = 0; i < 6; i++) { // the last line of each may come to stand in the file of the next
            for (int line = 0; line < 200; line++) {
                worker.say(1, "x".repeat(100));
            }
            String last = "block " + i;
            worker.say(1, last);
            Eventually.becomes(last, () -> text().contains(last));
        }
        small.close();
        assertEquals(3, files().size(), files().toString());
        assertTrue(text().contains("block 5"));
        assertFalse(text().contains("block 0"));
    }

    @Test
    void keepsThoseOfTheLastProgramsAlone() throws Exception {
        Files.createDirectories(logs());
        for (int i = 0; i < LogFile.MOST_FILES + 10; i++) {
            Path old = Files.createFile(logs().resolve(String.format("alcove-20260101-0000%02d-1.log", i)));
            Files.setLastModifiedTime(old, FileTime.fromMillis(1000L * i));
        }
        Files.createFile(logs().resolve("of somebody else.txt"));
        log.source().say(1, "newest");
        log.close();
        assertEquals(LogFile.MOST_FILES, LogFile.files(logs()).size());
        assertEquals(IntStream.range(11, LogFile.MOST_FILES + 10)
                        .mapToObj(i -> String.format("alcove-20260101-0000%02d-1.log", i)).toList(),
                LogFile.files(logs()).stream().limit(LogFile.MOST_FILES - 1).map(file -> file.getFileName().toString()).toList());
        assertTrue(Files.exists(logs().resolve("of somebody else.txt")));
    }

    @Test
    void harmsNobodyWhereItCannotBeWritten() throws Exception {
        Files.createFile(logs()); // a file where the folder should be
        LogFile.Source worker = log.source();
        for (int i = 0; i < 10_000; i++) {
            worker.say(1, "into nothing");
        }
        log.close();
        worker.say(1, "after the end");
        assertTrue(Files.isRegularFile(logs()));
    }

    private Path logs() {
        return folder.resolve("log földer");
    }

    private Path file() throws IOException {
        List<Path> all = files();
        assertEquals(1, all.size());
        return all.get(0);
    }

    private List<Path> files() throws IOException {
        return LogFile.files(logs());
    }

    private String text() throws IOException {
        try (Stream<Path> all = files().stream()) {
            StringBuilder text = new StringBuilder();
            for (Path each : all.toList()) {
                text.append(Files.readString(each));
            }
            return text.toString();
        } catch (NoSuchFileException e) {
            return ""; // another part is being begun
        }
    }
}
