package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that takes too long ends, and only the run is measured. */
@org.junit.jupiter.api.Timeout(60)
class DeadlineTest {
    private static final String OPS = """
            import ctypes, os, time
            from pathlib import Path
            from alcove import op, progress

            def polite(seconds):
                while True:
                    progress(None, "polite")

            def raising(seconds):
                try:
                    polite(seconds)
                except BaseException:
                    raise ValueError("what an op makes of it")

            def frozen(seconds):
                ctypes.PyDLL(None).sleep(1000)  # holds the interpreter's lock

            def short(seconds):
                time.sleep(seconds)

            @op(grace=0.2)
            def run(way: str, seconds: float = 0.0) -> int:
                globals()[way](seconds)
                return os.getpid()

            @op
            def wait(gate: Path, there: Path) -> int:
                there.touch()
                while not gate.exists():
                    time.sleep(0.01)
                return os.getpid()
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @ParameterizedTest
    @ValueSource(strings = {"polite", "raising"})
    void anOpThatCanListenEndsWithoutItsWorker(String way) {
        Op run = run();
        long pid = pid(run);
        AlcoveException failure = failure(run.within(Duration.ofMillis(300)), Map.of("way", way));
        assertEquals(ErrorKind.DEADLINE_EXCEEDED, failure.kind());
        assertEquals("the op ran for longer than its deadline of 0.3 s", failure.getMessage());
        assertEquals(0.3, failure.data().get("seconds"));
        assertTrue(failure.hint().isPresent());
        assertEquals(pid, pid(run));
    }

    @Test
    void anOpThatCannotListenEndsWithItsWorker() {
        Op run = run();
        long pid = pid(run);
        assertEquals(
                ErrorKind.DEADLINE_EXCEEDED,
                failure(run.within(Duration.ofMillis(300)), Map.of("way", "frozen")).kind());
        assertNotEquals(pid, pid(run));
    }

    @Test
    void aRunInAProcessOfItsOwnHasOneToo() {
        Op run = run().within(Duration.ofSeconds(1));
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> run.runOnce(Map.of("way", "frozen"), bench.folder()));
        assertEquals(ErrorKind.DEADLINE_EXCEEDED, failure.kind());
    }

    @Test
    void waitingForAWorkerDoesNotCount() throws Exception {
        Alcove alcove = bench.open();
        Path file = bench.file("ops.py", OPS);
        Path gate = bench.folder().resolve("gate");
        Path there = bench.folder().resolve("there");
        Op run = alcove.op(file, "run", Workbench.python()).workers(1);
        Op wait = alcove.op(file, "wait", Workbench.python()).workers(1);
        Call before = wait.callAsync(Map.of("gate", gate, "there", there));
        Eventually.becomes("it runs", () -> Files.exists(there));
        Call queued = run.within(Duration.ofMillis(300)).callAsync(Map.of("way", "short"));
        Thread.sleep(500); // longer than the deadline
        Files.createFile(gate);
        before.await().close();
        queued.await().close();
    }

    @Test
    void eachRowOfAMapHasItsOwn() {
        Op run = run().within(Duration.ofSeconds(1));
        List<List<Object>> rows = IntStream.range(0, 8).mapToObj(i -> List.<Object>of("short", 0.15)).toList();
        assertEquals(8, run.map(List.of("way", "seconds"), rows, Map.of()).rows().size());

        List<List<Object>> bad = List.of(List.of("short", 0.0), List.of("short", 0.1), List.of("polite", 0.0));
        Op patient = run().within(Duration.ofSeconds(4)); // on a busy machine the word of a row's beginning comes late
        AlcoveException failure = assertThrows(
                AlcoveException.class, () -> patient.map(List.of("way", "seconds"), bad, Map.of()));
        assertEquals(ErrorKind.DEADLINE_EXCEEDED, failure.kind());
        assertEquals(2L, failure.data().get("row"));
    }

    @Test
    void aDeadlineIsSomeTime() {
        Op run = run();
        assertThrows(IllegalArgumentException.class, () -> run.within(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> run.within(Duration.ofSeconds(-1)));
        run.within(Duration.ofSeconds(Long.MAX_VALUE)).call(Map.of("way", "short")).close();
        run.within(Duration.ofNanos(1)).inputs();
    }

    private Op run() {
        return bench.open().op(bench.file("ops.py", OPS), "run", Workbench.python());
    }

    private static long pid(Op run) {
        try (Outputs outputs = run.call(Map.of("way", "short"))) {
            return outputs.integer("result");
        }
    }

    private static AlcoveException failure(Op op, Map<String, ?> inputs) {
        return assertThrows(AlcoveException.class, () -> op.call(inputs));
    }
}
