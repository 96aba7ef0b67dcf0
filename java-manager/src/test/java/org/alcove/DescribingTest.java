package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Op files and documents described by the toolbox, whose place the tests' Python takes. */
class DescribingTest {
    private static final String ANSWER = """
            from pathlib import Path
            from alcove import op
            from helper import VALUE

            with open(Path(__file__).with_name("imports"), "a") as imports:
                imports.write("x")

            @op
            def answer(to: str = "") -> int:
                return VALUE
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private final List<Alcove> managers = new ArrayList<>();
    private Path file;
    private long changes;

    @AfterEach
    void close() {
        managers.forEach(Alcove::close);
    }

    @BeforeEach
    void writeOpFile() throws IOException {
        file = bench.file("answer.py", ANSWER);
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - 60_000));
        change("helper.py", "VALUE = 1\n");
    }

    @Test
    void anotherManagerDescribesNothingAnew() throws IOException {
        Op first = open().op(file, "answer");
        Op second = open().op(file, "answer");
        assertEquals("x", imports());
        assertEquals(first.descriptor(), second.descriptor());
        assertEquals(1, answer(second));
        assertEquals("xx", imports()); // the worker's own
    }

    @Test
    void aChangeOfWhatAnOpFileImportsCountsFromTheNextCallOn() throws IOException {
        Op op = open().op(file, "answer");
        for (int value = 1; value < 4; value++) {
            change("helper.py", "VALUE = " + value + "\n");
            assertEquals(value, answer(op));
        }
        Files.delete(bench.folder().resolve("helper.py"));
        assertEquals(ErrorKind.LOAD_FAILED, assertThrows(AlcoveException.class, () -> answer(op)).kind());
        change("helper.py", "VALUE = 4\n");
        assertEquals(4, answer(op));
    }

    @Test
    void mistakesAreToldEachTimeUntilTheyAreMended() throws IOException {
        Alcove alcove = open();
        change("answer.py", ANSWER.replace("to: str", "to"));
        for (int i = 0; i < 2; i++) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> alcove.ops(file));
            assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
            assertTrue(failure.getMessage().contains("answer.py:9"), failure.getMessage());
        }
        Mistake mistake = alcove.validate(file).get(0);
        assertEquals(List.of(file, 9), List.of(mistake.file(), mistake.line()));
        assertTrue(mistake.toString().startsWith(file + ":9: "), mistake.toString());
        assertTrue(mistake.hint().contains("to:"), mistake.hint());
        change("answer.py", ANSWER);
        assertEquals(List.of(), alcove.validate(file));
    }

    @Test
    void eachDialectBecomesEachOther() throws IOException {
        Alcove alcove = open();
        List<String> dialects = List.of("json", "yaml", "xml");
        for (String dialect : dialects) {
            bench.file("döc." + dialect, alcove.describe(file, dialect));
        }
        for (String given : dialects) {
            Path document = bench.folder().resolve("döc." + given);
            assertEquals(List.of(), alcove.validate(document));
            assertEquals("answer", alcove.descriptors(document).get(0).get("name"));
            for (String wanted : dialects) {
                String expected = Files.readString(bench.folder().resolve("döc." + wanted));
                assertEquals(expected, alcove.describe(document, wanted), given + " to " + wanted);
            }
        }
        assertEquals(ErrorKind.INVALID_PARAMS,
                assertThrows(AlcoveException.class, () -> alcove.describe(file, "toml")).kind());
    }

    @Test
    void whatIsNoDocumentIsRefusedWithItsMistakes() {
        Alcove alcove = open();
        Path broken = bench.file("broken.json", "{\"ops\": [{\"name\": 5}]}");
        List<Mistake> mistakes = alcove.validate(broken);
        assertTrue(mistakes.size() > 1, mistakes.toString());
        AlcoveException failure = assertThrows(AlcoveException.class, () -> alcove.describe(broken, "xml"));
        assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
        assertEquals(mistakes.size(), Tree.list(failure.data().get("mistakes")).size());
        for (Path none : List.of(bench.folder(), bench.folder().resolve("none.py"), bench.file("a.txt", ""))) {
            assertEquals(1, alcove.validate(none).size());
            assertThrows(AlcoveException.class, () -> alcove.descriptors(none));
        }
        assertTrue(alcove.validate(bench.file("none.py", "")).get(0).message().contains("no op"));
    }

    @Test
    void closingEndsADescriptionThatLasts() throws Exception {
        Alcove alcove = open();
        Path there = bench.folder().resolve("there");
        Path slow = bench.file("slow.py", "import time\nopen(r'" + there + "', 'w').close()\ntime.sleep(1000)\n");
        CompletableFuture<List<Op>> ops = CompletableFuture.supplyAsync(() -> alcove.ops(slow));
        Eventually.becomes("it is being imported", () -> Files.exists(there));
        alcove.close();
        assertThrows(CompletionException.class, ops::join);
    }

    /** A manager that finds the tests' Python where the toolbox and the op file's environment should be. */
    private Alcove open() {
        try {
            String pins = WorkerPackage.resource("/toolbox/toolbox.txt");
            place("toolbox/" + WorkerPackage.digest(Map.of("toolbox.txt", pins.getBytes(StandardCharsets.UTF_8))));
            String name = EnvironmentSpec.fromOpFile(file).name();
            place("environments/" + name + "/0");
            Files.writeString(data().resolve("environments").resolve(name).resolve("current"), "0");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Alcove alcove = Alcove.open(new Settings().dataDirectory(data()).memoryDirectory(bench.memoryDirectory()));
        managers.add(alcove);
        return alcove;
    }

    private void place(String folder) throws IOException {
        Path directory = Files.createDirectories(data().resolve(folder));
        Files.write(directory.resolve("alcove.json"), Json.line(json -> {
            json.writeStartObject();
            json.writeNumberField("format", 1);
            json.writeStringField("python", PythonProgram.executable().toString());
            json.writeEndObject();
        }));
    }

    private Path data() {
        return bench.folder().resolve("data");
    }

    private void change(String name, String source) throws IOException {
        Path path = bench.file(name, source);
        // In the past, or it might have been saved while it was described; never twice at the same time.
        Files.setLastModifiedTime(path, FileTime.fromMillis(System.currentTimeMillis() - 3_600_000 + ++changes * 10_000));
    }

    private String imports() throws IOException {
        return Files.readString(bench.folder().resolve("imports"));
    }

    private static long answer(Op op) {
        try (Outputs outputs = op.call(Map.of())) {
            return outputs.integer("result");
        }
    }
}
