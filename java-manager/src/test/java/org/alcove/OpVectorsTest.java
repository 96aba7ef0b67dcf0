package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The op files in {@code ops/}: what is learnt of them here is what stands in the document of the same name. */
class OpVectorsTest {
    @RegisterExtension
    private final Workbench bench = new Workbench();

    @BeforeAll
    static void requireNumpy() throws Exception {
        PythonProgram.require("numpy");
    }

    @TestFactory
    Stream<DynamicTest> opsAreDescribedAsInTheirDocuments() throws IOException {
        Alcove alcove = bench.open();
        return forEach("ops", file -> {
            List<Op> ops = alcove.ops(file, Workbench.python());
            List<Object> described = ops.stream().<Object>map(OpVectorsTest::withoutId).toList();
            assertEquals(document(file).get("ops"), described);
            ops.forEach(OpVectorsTest::checkView);
        });
    }

    @TestFactory
    Stream<DynamicTest> allMistakesOfAFileAreTold() throws IOException {
        Alcove alcove = bench.open();
        return forEach("ops/mistakes", file -> {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> alcove.ops(file, Workbench.python()));
            assertEquals(ErrorKind.LOAD_FAILED, failure.kind(), failure.getMessage());
            List<Object> mistakes = Tree.list(failure.data().get("mistakes"));
            List<Object> expected = Tree.list(document(file).get("mistakes"));
            assertEquals(expected, mistakes.stream().<Object>map(OpVectorsTest::withoutFile).toList());
            assertTrue(failure.hint().isPresent());
        });
    }

    private interface Check {
        void run(Path file) throws Exception;
    }

    private static Stream<DynamicTest> forEach(String folder, Check check) throws IOException {
        return Vectors.files(folder, ".json").stream()
                .map(document -> withEnd(document, ".py"))
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check.run(file)));
    }

    private static Map<String, Object> document(Path file) {
        return Vectors.read(withEnd(file, ".json"));
    }

    private static Path withEnd(Path file, String end) {
        return file.resolveSibling(file.getFileName().toString().replaceAll("\\.[a-z]+$", end));
    }

    private static Map<String, Object> withoutId(Op op) {
        Map<String, Object> members = new LinkedHashMap<>(op.descriptor());
        assertTrue(String.valueOf(members.remove("id")).matches("[0-9a-f]{12}:" + op.name()));
        return members;
    }

    private static Map<String, Object> withoutFile(Object mistake) {
        Map<String, Object> members = new LinkedHashMap<>(Tree.object(mistake));
        members.remove("file");
        return members;
    }

    /** What programs see of an op is what its descriptor says. */
    private static void checkView(Op op) {
        assertEquals(op.descriptor().get("title"), op.title());
        assertEquals(Tree.list(op.descriptor().get("outputs")).size(), op.outputs().size());
        for (Parameter input : op.inputs()) {
            Map<String, Object> members = input.descriptor();
            assertEquals(members.get("name"), input.name());
            assertEquals(members.get("required"), input.required());
            assertEquals(members.get("direction"), input.direction().orElse(null));
            assertEquals(members.get("label"), input.label().orElse(null));
            assertEquals(members.get("step"), input.step().orElse(null));
            assertFalse(input.summary().isEmpty());
            if (members.containsKey("default") && !Fitting.fits(input.defaultValue(), members)) {
                throw new AssertionError(op.name() + "." + input.name() + " has a default that does not fit it");
            }
        }
    }
}
