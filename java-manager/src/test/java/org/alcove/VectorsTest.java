package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Values, lines and inputs: {@code values.json}, {@code messages.json}, {@code inputs.json}. */
class VectorsTest {
    /** Jackson does; so neither side sends it. */
    private static final String REFUSED_BY_SOME = "a key with half a surrogate pair";

    @TempDir
    private static Path directory;

    @TestFactory
    Stream<DynamicTest> valuesComeBackAsTheyWere() throws IOException {
        return Vectors.tests("values.json", "vectors", vector -> {
            Object encoded = vector.get("encoded");
            Object again = reencoded(encoded);
            if (Boolean.TRUE.equals(vector.get("canonical"))) {
                assertEquals(encoded, again);
            }
            assertEquals(again, reencoded(again), "what was written must read the same");
        });
    }

    @TestFactory
    Stream<DynamicTest> malformedValuesAreRefused() throws IOException {
        return Vectors.tests("values.json", "invalid", vector -> {
            AlcoveException failure =
                    assertThrows(AlcoveException.class, () -> reencoded(vector.get("encoded")));
            assertEquals(ErrorKind.PROTOCOL_VIOLATION, failure.kind());
        });
    }

    /** A host never reads requests; what it shares with a worker is what counts as JSON. */
    @TestFactory
    Stream<DynamicTest> whatIsNoJsonForAWorkerIsNoneForTheHost() throws IOException {
        return Stream.of("vectors", "before_initialize")
                .flatMap(member -> Vectors.tests("messages.json", member, VectorsTest::checkLine));
    }

    private static void checkLine(Map<String, Object> vector) throws IOException {
        byte[] line = line(vector);
        Object kind = Tree.object(vector.get("answer")).get("kind");
        if ("parse_error".equals(kind)) {
            assertThrows(IOException.class, () -> Json.parse(line));
        } else if (!new String(line, UTF_8).isBlank() && !Vectors.name(vector).equals(REFUSED_BY_SOME)) {
            Json.parse(line);
        }
    }

    @TestFactory
    Stream<DynamicTest> inputsAreCheckedBeforeTheyAreSent() throws IOException {
        return Vectors.tests("inputs.json", "vectors", vector -> {
            Map<String, Object> descriptor = Map.of("inputs", vector.get("inputs"));
            Map<String, Object> values = Tree.object(Values.read(vector.get("values"), null, Map.of()));
            if (vector.get("refused") == null || isReadOnlyArray(vector)) {
                Inputs.of(descriptor, values);
                return;
            }
            AlcoveException failure = assertThrows(AlcoveException.class, () -> Inputs.of(descriptor, values));
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertEquals(vector.get("refused"), failure.data().get("path"));
            assertEquals(vector.get("expected"), failure.data().get("expected"));
            assertEquals(message(vector), failure.getMessage());
        });
    }

    /** It is the host itself that says whether an array may be written to. */
    private static boolean isReadOnlyArray(Map<String, Object> vector) {
        return String.valueOf(vector.get("expected")).startsWith("a writable")
                && Tree.object(vector.get("values")).values().stream()
                        .allMatch(value -> "ndarray".equals(Tree.object(value).get("$type")));
    }

    private static String message(Map<String, Object> vector) {
        String name = ((String) vector.get("refused")).substring("inputs.".length());
        Map<String, Object> values = Tree.object(vector.get("values"));
        boolean known = Tree.list(vector.get("inputs")).stream().anyMatch(input -> name.equals(Tree.object(input).get("name")));
        if (!known) {
            return "no input " + name;
        }
        return values.containsKey(name) ? "input " + name + " must be " + vector.get("expected") : "input " + name + " is missing";
    }

    @Test
    void anInputThatIsWrittenIsSentAsWritable() throws IOException {
        Map<String, Object> descriptor = Tree.object(Json.parse("""
                {"inputs": [{"name": "image", "type": "array", "required": true},
                            {"name": "out", "type": "array", "direction": "out", "required": true}]}
                """.getBytes(UTF_8)));
        String array = "{\"$type\":\"ndarray\",\"block\":null,\"offset\":0,\"dtype\":\"uint8\",\"shape\":[0]}";
        Object value = Values.read(Json.parse(array.getBytes(UTF_8)), null, Map.of());
        Inputs inputs = Inputs.of(descriptor, Map.of("image", value, "out", value));
        Map<String, Object> sent = Tree.object(Json.parse(Json.line(inputs::write)));
        assertEquals(Json.parse(array.getBytes(UTF_8)), sent.get("image"));
        assertEquals(true, Tree.object(sent.get("out")).get("writable"));
        assertTrue(inputs.arrays().stream().anyMatch(Inputs.InputArray::isWritten));
    }

    private static byte[] line(Map<String, Object> vector) {
        return vector.get("line") instanceof String text
                ? text.getBytes(UTF_8)
                : Base64.getDecoder().decode((String) vector.get("bytes_base64"));
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
