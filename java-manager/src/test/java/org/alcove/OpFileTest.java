package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Op files that change, vanish or are wrong. */
class OpFileTest {
    private static final String ANSWER = """
            from alcove import op

            @op
            def answer() -> int:
                return %d
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private long changes;

    @Test
    void aChangeCountsFromTheNextCallOn() throws IOException {
        Path file = bench.file("answer.py", ANSWER.formatted(1));
        Op op = op(file);
        assertEquals(1, answer(op));
        change(file, ANSWER.formatted(2));
        assertEquals(2, answer(op));
        change(file, ANSWER.formatted(3));
        assertEquals(3, answer(op));
    }

    @Test
    void anOpThatIsTakenOutIsNotFound() throws IOException {
        Path file = bench.file("answer.py", ANSWER.formatted(1));
        Op op = op(file);
        change(file, ANSWER.formatted(2).replace("answer", "reply"));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> answer(op));
        assertEquals(ErrorKind.OP_NOT_FOUND, failure.kind());
        assertEquals(List.of("reply"), failure.data().get("known"));
        change(file, ANSWER.formatted(4));
        assertEquals(4, answer(op));
    }

    @Test
    void aFileThatIsDeletedFailsUntilItIsBack() throws IOException {
        Path file = bench.file("answer.py", ANSWER.formatted(1));
        Op op = op(file);
        Files.delete(file);
        AlcoveException failure = assertThrows(AlcoveException.class, () -> answer(op));
        assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
        assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
        change(file, ANSWER.formatted(2));
        assertEquals(2, answer(op));
    }

    @Test
    void aFileThatIsBrokenFailsUntilItIsMended() throws IOException {
        Path file = bench.file("answer.py", ANSWER.formatted(1));
        Op op = op(file);
        change(file, "def answer(:\n");
        for (int i = 0; i < 2; i++) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> answer(op));
            assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
            assertTrue(failure.getMessage().contains("answer.py:1"), failure.getMessage());
        }
        change(file, ANSWER.formatted(2));
        assertEquals(2, answer(op));
    }

    @Test
    void isLoadedOnceForDescribingAndCalling() throws IOException {
        Path loads = bench.folder().resolve("loads");
        Path file = bench.file("answer.py", "open(r'" + loads + "', 'a').write('x')\n" + ANSWER.formatted(1));
        Op op = op(file);
        answer(op);
        answer(op);
        assertEquals("x", Files.readString(loads));
    }

    @Test
    void anUnknownOpIsNotFoundAmongTheKnown() {
        Path file = bench.file("answer.py", ANSWER.formatted(1));
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> bench.open().op(file, "anser", Workbench.python()));
        assertEquals(ErrorKind.OP_NOT_FOUND, failure.kind());
        assertTrue(failure.hint().orElse("").contains("answer"), failure.hint().toString());
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        for (Path path : new Path[] {bench.folder().resolve("none.py"), bench.folder()}) {
            AlcoveException failure =
                    assertThrows(AlcoveException.class, () -> bench.open().ops(path, Workbench.python()));
            assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
            assertTrue(failure.getMessage().contains(path.toString()), failure.getMessage());
        }
    }

    @Test
    void allMistakesAreToldAtOnceWithTheirLines() {
        Path file = bench.file("mistakes.py", """
                from alcove import op

                @op
                def first(value) -> int:
                    return 1

                @op
                def second(value: object) -> int:
                    return 1
                """);
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> bench.open().ops(file, Workbench.python()));
        assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
        List<Object> mistakes = Tree.list(failure.data().get("mistakes"));
        assertEquals(2, mistakes.size());
        assertTrue(failure.hint().isPresent());
        for (Object mistake : mistakes) {
            assertTrue(String.valueOf(Tree.object(mistake).get("file")).endsWith("mistakes.py"));
        }
        // The trace leads to whoever asked, not into a thread of ours.
        assertTrue(List.of(failure.getStackTrace()).toString().contains("OpFileTest"));
    }

    @Test
    void aMissingPackageAtTheTopLeadsToTheHeader() {
        Path file = bench.file("top.py", "import no_such_package\n" + ANSWER.formatted(1));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> op(file));
        assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
        assertTrue(failure.getMessage().contains("no_such_package"), failure.getMessage());
        assertTrue(failure.hint().orElse("").contains("dependencies"), failure.hint().toString());
    }

    @Test
    void aMissingPackageInAnOpLeadsToTheHeader() {
        Op op = op(bench.file("inside.py", ANSWER.formatted(1).replace("return", "import no_such_package; return")));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> answer(op));
        assertEquals(ErrorKind.OP_FAILED, failure.kind());
        assertTrue(failure.hint().orElse("").contains("dependencies"), failure.hint().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"json.py", "2 cells.py", "größe.py", "class.py", "a.b.py", "alcove.py"})
    void mayHaveAnyName(String name) {
        assertEquals(1, answer(op(bench.file(name, "print('hello')\n" + ANSWER.formatted(1)))));
    }

    @Test
    void severalShareAWorkerAndNothingElse() {
        Alcove alcove = bench.open();
        Op one = alcove.op(bench.file("one.py", ANSWER.formatted(1)), "answer", Workbench.python());
        Op two = alcove.op(bench.file("two.py", ANSWER.formatted(2)), "answer", Workbench.python());
        for (int i = 0; i < 2; i++) {
            assertEquals(1, answer(one));
            assertEquals(2, answer(two));
        }
        assertEquals(1, ProcessHandle.current().children().count());
    }

    @Test
    void itsFolderIsWhereItImportsFrom() {
        bench.file("helping.py", "VALUE = 5\n");
        Path file = bench.file("answer.py", "from helping import VALUE\n" + ANSWER.formatted(1).replace("1", "VALUE"));
        assertEquals(5, answer(op(file)));
    }

    @Test
    void aFileThatEndsTheProcessWhenItIsLoadedSaysSo() {
        AlcoveException failure = assertThrows(
                AlcoveException.class, () -> op(bench.file("exit.py", "import os; os._exit(4)\n")));
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        assertEquals(4, failure.data().get("exit_code"));
    }

    private Op op(Path file) {
        return bench.open().op(file, "answer", Workbench.python());
    }

    private static long answer(Op op) {
        try (Outputs outputs = op.call(Map.of())) {
            return outputs.integer("result");
        }
    }

    /** A file system may be slow to count time, so the file's time is set. */
    private void change(Path file, String source) throws IOException {
        Files.writeString(file, source);
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() + ++changes * 10_000));
    }
}
