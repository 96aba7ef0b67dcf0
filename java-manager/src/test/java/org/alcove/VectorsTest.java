package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The vectors that both sides must pass: {@code values.json} and the lines of {@code messages.json}. */
class VectorsTest {
    private static final Path VECTORS =
            PythonProgram.module().resolveSibling("schemas").resolve("vectors");

    /** What a worker must refuse, because numpy would; a host can read over it. */
    private static final Set<String> HARMLESS = Set.of(
            "base64 cut off",
            "an ndarray with more dimensions than an array can have",
            "writable that is no boolean");

    @TempDir
    private static Path directory;

    @TestFactory
    Stream<DynamicTest> valuesComeBackAsTheyWere() throws IOException {
        return vectors("values.json", "vectors").map(vector -> DynamicTest.dynamicTest(name(vector), () -> {
            Object encoded = vector.get("encoded");
            Object again = reencoded(encoded);
            if (Boolean.TRUE.equals(vector.get("canonical"))) {
                assertEquals(encoded, again);
            }
            assertEquals(again, reencoded(again), "what was written must read the same");
        }));
    }

    @TestFactory
    Stream<DynamicTest> malformedValuesAreRefused() throws IOException {
        return vectors("values.json", "invalid")
                .filter(vector -> !HARMLESS.contains(name(vector)))
                .map(vector -> DynamicTest.dynamicTest(name(vector), () -> {
            AlcoveException failure =
                    assertThrows(AlcoveException.class, () -> reencoded(vector.get("encoded")));
            assertEquals(ErrorKind.PROTOCOL_VIOLATION, failure.kind());
        }));
    }

    @TestFactory
    Stream<DynamicTest> whatIsNoJsonForAWorkerIsNoneForTheHost() throws IOException {
        return vectors("messages.json", "vectors").map(vector -> DynamicTest.dynamicTest(name(vector), () -> {
            byte[] line = line(vector);
            Object kind = Tree.object(vector.get("answer")).get("kind");
            if ("parse_error".equals(kind)) {
                assertThrows(IOException.class, () -> Json.parse(line));
            } else if (kind != null) {
                Json.parse(line);
            }
        }));
    }

    @Test
    void thereAreVectors() throws IOException {
        assertTrue(vectors("values.json", "vectors").count() > 40);
        assertTrue(vectors("messages.json", "vectors").count() > 40);
    }

    private static Stream<Map<String, Object>> vectors(String file, String member) throws IOException {
        Object content = Json.parse(Files.readAllBytes(VECTORS.resolve(file)));
        return Tree.list(Tree.object(content).get(member)).stream().map(Tree::object);
    }

    private static String name(Map<String, Object> vector) {
        return String.valueOf(vector.get("name"));
    }

    private static byte[] line(Map<String, Object> vector) {
        return vector.get("line") instanceof String text
                ? text.getBytes(java.nio.charset.StandardCharsets.UTF_8)
                : java.util.Base64.getDecoder().decode((String) vector.get("bytes_base64"));
    }

    /** Read as a reply's value, with every block that it names at hand, and written as a call's. */
    private static Object reencoded(Object encoded) throws IOException {
        try (SharedMemory memory = SharedMemory.open(directory)) {
            Set<String> names = Values.blocksIn(encoded);
            Map<String, Block> blocks = new HashMap<>();
            names.removeIf(name -> !name.matches("[a-z0-9-]+")); // such a block is never borrowed
            names.forEach(name -> blocks.put(name, new Block(name, 1 << 30, directory.resolve(name), null)));
            Object value = Values.read(encoded, memory, blocks);
            try {
                return Json.parse(Json.line(json -> Values.write(json, value, "inputs")));
            } finally {
                Values.arraysIn(value).forEach(SharedArray::close);
            }
        }
    }
}
