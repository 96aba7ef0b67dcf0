package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of a worker's stderr, whatever comes. */
class BoundedLogTest {
    private static final long FLOOD_BYTES = 4L << 20;

    @Test
    void keepsTheLastLines() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            text.append("line ").append(i).append('\n');
        }
        BoundedLog log = drained(text + "the end, without a newline");
        assertEquals(50, log.lines().size());
        assertEquals("line 51", log.lines().get(0));
        assertEquals("the end, without a newline", log.lines().get(49));
        assertEquals("; its last words: the end, without a newline", log.lastWords());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "one\\r\\ntwo\\r\\n | one,two", "10 %\\r20 %\\r100 %\\n | 100 %", "10 %\\r | 10 %", "10 %\\r\\r20 % | 20 %",
        "a\\n\\nb\\n | a,,b", "äöü €\\n | äöü €"
    })
    void readsLinesAsATerminalShowsThem(String text, String expected) throws Exception {
        String real = text.replace("\\r", "\r").replace("\\n", "\n");
        assertEquals(List.of(expected.split(",")), drained(real).lines());
        // And byte by byte, as a slow process writes them.
        InputStream slow = new SequenceInputStream(Collections.enumeration(bytes(real)));
        assertEquals(List.of(expected.split(",")), drained(slow).lines());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\n", "a line as an op may print it, so many characters long\n", "\r"})
    void keepsLittleOfAFlood(String piece) throws Exception {
        Flood flood = new Flood(piece.getBytes(StandardCharsets.UTF_8));
        AtomicInteger longest = new AtomicInteger();
        BoundedLog log = new BoundedLog(flood, "test", line -> longest.accumulateAndGet(line.length(), Math::max) < 0);
        log.awaitEnd(TimeUnit.MINUTES.toMillis(1));
        assertTrue(longest.get() <= 1 << 16, longest + " characters were held in memory");
        assertEquals(FLOOD_BYTES, flood.given, "all of it was read, or the process would stand still");
        assertTrue(log.lines().size() <= 50);
        assertTrue(log.lines().stream().allMatch(line -> line.length() <= 1000));
    }

    @Test
    void takesTheLastLineBeforeACrashForTheLastWords() throws Exception {
        String crash = "Fatal Python error: Segmentation fault\n\nCurrent thread (most recent call first):\n  File \"x\", line 1\n";
        assertEquals("; its last words: level 3 of 7", drained("loading\nlevel 3 of 7\n" + crash).lastWords());
        assertEquals("; its last words: Fatal Python error: Segmentation fault", drained(crash).lastWords());
        assertEquals("", drained("").lastWords());
    }

    @Test
    void leavesOutTheMiddleOfAFloodOfTinyLinesAndSaysSo() throws Exception {
        List<String> heard = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            text.append(i).append('\n');
        }
        InputStream flood = new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8));
        new BoundedLog(flood, "test", line -> heard.add(line)).awaitEnd(TimeUnit.MINUTES.toMillis(1));
        assertEquals(2001, heard.size());
        assertEquals(List.of("998", "999", "(8000 lines left out)", "9000", "9001"), heard.subList(998, 1003));
        assertEquals("9999", heard.get(2000));
    }

    @Test
    void tellsTheLinesOfACallFromThoseBefore() throws Exception {
        try (PipedOutputStream pipe = new PipedOutputStream()) {
            BoundedLog log = new BoundedLog(new PipedInputStream(pipe), "test", line -> false);
            log.nextCall();
            say(pipe, log, "of the first call");
            log.nextCall();
            assertEquals(List.of("of the first call"), log.linesOfCall(), "better than nothing");
            say(pipe, log, "of the second");
            assertEquals(List.of("of the second"), log.linesOfCall());
            assertEquals(List.of("of the first call", "of the second"), log.lines());
            assertEquals("; its last words: of the second", log.lastWords());
        }
    }

    private static void say(PipedOutputStream pipe, BoundedLog log, String line) throws Exception {
        pipe.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        pipe.flush();
        Eventually.becomes("kept: " + line, () -> log.lines().contains(line));
    }

    private static BoundedLog drained(String text) throws InterruptedException {
        return drained(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static BoundedLog drained(InputStream stream) throws InterruptedException {
        BoundedLog log = new BoundedLog(stream, "test", line -> false);
        log.awaitEnd(TimeUnit.MINUTES.toMillis(1));
        return log;
    }

    private static List<InputStream> bytes(String text) {
        List<InputStream> all = new ArrayList<>();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            all.add(new ByteArrayInputStream(new byte[] {each}));
        }
        return all;
    }

    /** The same, again and again. */
    private static final class Flood extends InputStream {
        private final byte[] piece;
        private long given;

        Flood(byte[] piece) {
            this.piece = piece;
        }

        @Override
        public int read() throws IOException {
            throw new IOException("one byte at a time would take minutes");
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (given == FLOOD_BYTES) {
                return -1;
            }
            int count = (int) Math.min(length, FLOOD_BYTES - given);
            for (int i = 0; i < count; i++) {
                buffer[offset + i] = piece[(int) ((given + i) % piece.length)];
            }
            given += count;
            return count;
        }
    }
}
