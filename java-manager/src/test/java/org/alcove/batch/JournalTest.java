package org.alcove.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done, and what a kill or a power cut can leave of it. */
class JournalTest {
    @TempDir
    Path folder;

    @Test
    void givesBackWhatItWasToldLast() throws Exception {
        Entry first = entry("a/ü.tif", "first");
        Entry second = entry("b.tif", "\"quoted\",\n");
        Entry again = entry("a/ü.tif", "again");
        try (Journal journal = Journal.open(file())) {
            journal.append(first);
            journal.note(Map.of("batch", "x"));
            journal.append(second);
            journal.append(again);
            assertEquals(again, journal.at(journal.place("a/ü.tif").orElseThrow()));
        }
        try (Journal journal = Journal.open(file())) {
            assertEquals(again, journal.at(journal.place("a/ü.tif").orElseThrow()));
            assertEquals(second, journal.at(journal.place("b.tif").orElseThrow()));
            assertEquals(true, journal.place("c.tif").isEmpty());
        }
    }

    @Test
    void aLineThatWasCutOffAnywhereIsAsIfItHadNeverBeen() throws Exception {
        try (Journal journal = Journal.open(file())) {
            journal.append(entry("one", "kept"));
            journal.append(entry("two", "cut ü"));
        }
        byte[] whole = Files.readAllBytes(file());
        int first = 1 + new String(whole, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf('\n');
        for (int length = first; length < whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            try (Journal journal = Journal.open(file())) {
                assertEquals("kept", journal.at(journal.place("one").orElseThrow()).message());
                assertEquals(true, journal.place("two").isEmpty());
                journal.append(entry("three", ""));
            }
            try (Journal journal = Journal.open(file())) {
                assertEquals("three", journal.at(journal.place("three").orElseThrow()).item());
            }
        }
    }

    @Test
    void readsOverLinesThatNobodyWrote() throws Exception {
        try (Journal journal = Journal.open(file())) {
            journal.append(entry("one", ""));
        }
        Files.write(file(), new byte[5000], StandardOpenOption.APPEND); // what some power cuts leave
        Files.writeString(file(), "\n{\"item\": 1}\n{\"item\": \"x\", \"status\": \"odd\"}\nnonsense\n", StandardOpenOption.APPEND);
        try (Journal journal = Journal.open(file())) {
            journal.append(entry("two", ""));
        }
        try (Journal journal = Journal.look(file())) {
            assertEquals("one", journal.at(journal.place("one").orElseThrow()).item());
            assertEquals("two", journal.at(journal.place("two").orElseThrow()).item());
            assertEquals(true, journal.place("x").isEmpty());
        }
    }

    @Test
    void findsEachOfManyItems() throws Exception {
        int many = 20_000;
        try (Journal journal = Journal.open(file())) {
            for (int i = 0; i < many; i++) {
                journal.append(entry("item " + i, String.valueOf(i)));
            }
        }
        try (Journal journal = Journal.look(file())) {
            for (int i = 0; i < many; i += 97) {
                assertEquals(String.valueOf(i), journal.at(journal.place("item " + i).orElseThrow()).message());
            }
        }
    }

    private Path file() throws IOException {
        return folder.resolve("journal.jsonl");
    }

    private static Entry entry(String item, String message) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("none", null);
        values.put("list", List.of(1L, 2.5, "x", true));
        return new Entry(item, "batch", "key", BatchStatus.FAILED, "op_failed", message, 1.5, 7L,
                Map.of("labels", List.of(new Entry.Written("l ü.tif", 3))), Map.of("cells", new Entry.Written("t", 4)),
                Map.of("sigma", 1.0), values);
    }
}
