package org.alcove;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** The vectors in {@code schemas/vectors}: what both sides of the protocol must pass, whoever wrote them. */
final class Vectors {
    static final Path FOLDER =
            PythonProgram.module().resolveSibling("schemas").resolve("vectors");

    private Vectors() {}

    /** What is done with a vector. */
    interface Check {
        void run(Map<String, Object> vector) throws Exception;
    }

    /** A test for each vector of a file, named after it. */
    static Stream<DynamicTest> tests(String file, String member, Check check) {
        List<Object> vectors = Tree.list(read(FOLDER.resolve(file)).get(member));
        assertFalse(vectors.isEmpty(), "no " + member + " in " + file);
        return vectors.stream()
                .map(Tree::object)
                .map(vector -> DynamicTest.dynamicTest(name(vector), () -> check.run(vector)));
    }

    /** All files of a folder whose names end so, sorted. */
    static List<Path> files(String folder, String end) throws IOException {
        try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
            List<Path> found = files.filter(file -> file.toString().endsWith(end)).sorted().toList();
            assertFalse(found.isEmpty(), "no vectors in " + folder);
            return found;
        }
    }

    static Map<String, Object> read(Path file) {
        try {
            return Tree.object(Json.parse(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new AssertionError(file + " cannot be read", e);
        }
    }

    static String name(Map<String, Object> vector) {
        return String.valueOf(vector.get("name"));
    }
}
