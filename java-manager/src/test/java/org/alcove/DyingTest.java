package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that die, whatever they die of. */
class DyingTest {
    private static final String DIE = """
            import ctypes, os, signal, subprocess, sys, time
            from pathlib import Path
            from alcove import op

            @op
            def die(how: str) -> int:
                for i in range(100):
                    print(f"line {i}", file=sys.stderr, flush=True)
                if how == "exit":
                    os._exit(3)
                if how == "segfault":
                    ctypes.string_at(0)
                if how == "raise":
                    sys.exit(5)
                os.kill(os.getpid(), getattr(signal, how))
                time.sleep(1000)
                return 0

            @op
            def pid() -> int:
                return os.getpid()

            @op
            def leave(path: Path, die: bool) -> int:
                source = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + (
                    "open(sys.argv[1], 'w').close(); time.sleep(1000)")
                sleeper = subprocess.Popen([sys.executable, "-c", source, str(path) + ".there"])
                path.write_text(str(sleeper.pid))
                while not Path(str(path) + ".there").exists():
                    time.sleep(0.01)
                if die:
                    os._exit(3)
                return sleeper.pid
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private final List<Op> ops = new ArrayList<>();

    @ParameterizedTest
    @DisabledOnOs(OS.WINDOWS)
    @CsvSource({
        "exit, exit code 3, 3", "segfault, SIGSEGV, 139", "SIGKILL, memory ran out, 137", "SIGABRT, SIGABRT, 134"
    })
    void tellsOfWhatTheWorkerDied(String how, String words, int exitCode) {
        AlcoveException failure = assertThrows(AlcoveException.class, () -> op("die").call(Map.of("how", how)));
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
        assertTrue(failure.getMessage().contains("line 99"), failure.getMessage());
        assertTrue(failure.hint().isPresent());
        assertEquals(exitCode, failure.data().get("exit_code"));
        assertEquals(how.startsWith("SIG") ? how : words.startsWith("SIG") ? words : null, failure.data().get("signal"));
        assertTrue(String.valueOf(failure.data().get("op")).endsWith(":die"), failure.data()::toString);
        assertTrue(failure.data().get("pid") instanceof Long, failure.data()::toString);
        List<String> lines = Tree.strings(failure.data().get("stderr"));
        assertEquals(50, lines.size());
        assertTrue(lines.contains("line 99"), lines::toString); // after it Python may tell where it crashed
        assertTrue(Tree.strings(failure.data().get("command")).get(0).contains("python"));
    }

    @Test
    void theNextCallStartsANewWorker() {
        long pid = pid();
        assertThrows(AlcoveException.class, () -> op("die").call(Map.of("how", "exit")));
        assertNotEquals(pid, pid());
    }

    @Test
    void queuedCallsGoToANewWorkerEachOnce() {
        Call dying = op("die").callAsync(Map.of("how", "exit"));
        List<Call> queued = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            queued.add(op(i == 4 ? "die" : "pid").callAsync(i == 4 ? Map.of("how", "exit") : Map.of()));
        }
        assertEquals(ErrorKind.WORKER_DIED, assertThrows(AlcoveException.class, dying::await).kind());
        assertEquals(ErrorKind.WORKER_DIED, assertThrows(AlcoveException.class, () -> queued.get(4).await()).kind());
        for (int i = 0; i < 10; i++) {
            if (i != 4) {
                queued.get(i).await().close();
            }
        }
    }

    @Test
    void sysExitEndsTheCallAlone() {
        long pid = pid();
        AlcoveException failure = assertThrows(AlcoveException.class, () -> op("die").call(Map.of("how", "raise")));
        assertEquals(ErrorKind.OP_FAILED, failure.kind());
        assertEquals("SystemExit", failure.data().get("type"));
        assertEquals(pid, pid());
    }

    @Test
    void aWorkerThatDiesIdleIsReplaced() throws Exception {
        Alcove alcove = bench.open();
        ops.addAll(alcove.ops(bench.file("die.py", DIE), Workbench.python()));
        long pid = pid();
        ProcessHandle worker = ProcessHandle.of(pid).orElseThrow();
        worker.destroyForcibly();
        worker.onExit().get(1, TimeUnit.MINUTES);
        // The manager hears of it some milliseconds later; what is sent until then is lost with the worker.
        Eventually.becomes("the manager knows", () -> alcove.workers().list().stream()
                .noneMatch(known -> known.pid() == pid));
        assertNotEquals(pid, pid());
    }

    @Test
    void anOutputOutlivesItsWorker() throws Exception {
        PythonProgram.require("numpy");
        Alcove alcove = bench.open();
        Op ones = bench.op(alcove, "ones", """
                import numpy
                from alcove import Array, op

                @op
                def ones(count: int) -> Array:
                    return numpy.ones(count, "uint8")
                """);
        Op sum = bench.op(alcove, "sum", """
                from alcove import Array, op

                @op
                def sum(array: Array) -> int:
                    return int(array.sum())
                """);
        Op die = bench.op(alcove, "die", DIE);
        try (Outputs unread = ones.call(Map.of("count", 3))) {
            try (Outputs read = ones.call(Map.of("count", 4))) {
                read.array("result").toBytes();
                assertThrows(AlcoveException.class, () -> die.call(Map.of("how", "exit")));
                assertArrayEquals(new byte[] {1, 1, 1, 1}, read.array("result").toBytes());
                assertArrayEquals(new byte[] {1, 1, 1}, unread.array("result").toBytes());
                try (Outputs total = sum.call(Map.of("array", read.array("result")))) {
                    assertEquals(4L, total.get("result"), "another worker reads what the dead one made");
                }
            }
            ones.call(Map.of("count", 5)).close();
            assertArrayEquals(new byte[] {1, 1, 1}, unread.array("result").toBytes());
        }
        alcove.close();
        assertEquals(Set.of(), bench.blocks());
    }

    @Test
    void theInputsOfADeadWorkerAreNotUsedAgain() {
        Alcove alcove = bench.open();
        Op die = bench.op(alcove, "die", """
                import os
                from alcove import op

                @op
                def die(value: dict) -> int:
                    os._exit(1)
                """);
        String name;
        try (SharedArray array = alcove.share(DType.UINT8, new byte[] {1, 2}, "x", 2)) {
            name = array.block().name;
            assertThrows(AlcoveException.class, () -> die.call(Map.of("value", Map.of("array", array))));
            assertArrayEquals(new byte[] {1, 2}, array.toBytes());
        }
        assertFalse(bench.blocks().contains(name));
        try (SharedArray next = alcove.share(DType.UINT8, new byte[] {3, 4}, "x", 2)) {
            assertNotEquals(name, next.block().name);
        }
    }

    @Test
    void whatAnOpLeftRunningHoldsUpNothing() throws Exception {
        Path path = bench.folder().resolve("pid");
        Map<String, Object> inputs = Map.of("path", path, "die", true);
        assertEquals(
                ErrorKind.WORKER_DIED,
                assertThrows(AlcoveException.class, () -> op("leave").call(inputs)).kind());
        long sleeper = Long.parseLong(Files.readString(path));
        assertTrue(ProcessHandle.of(sleeper).isEmpty(), "it ends before the call hears of the death");
        pid();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatAnOpLeftRunningEndsWithItsWorker() throws Exception {
        long sleeper;
        try (Outputs outputs = op("leave").call(Map.of("path", bench.folder().resolve("pid"), "die", false))) {
            sleeper = outputs.integer("result");
        }
        assertTrue(ProcessHandle.of(sleeper).isPresent());
        bench.close();
        Eventually.becomes("the op's own process is gone", () -> ProcessHandle.of(sleeper).isEmpty());
    }

    private Op op(String name) {
        if (ops.isEmpty()) {
            ops.addAll(bench.open().ops(bench.file("die.py", DIE), Workbench.python()));
        }
        return ops.stream().filter(op -> op.name().equals(name)).findFirst().orElseThrow();
    }

    private long pid() {
        try (Outputs outputs = op("pid").call(Map.of())) {
            return outputs.integer("result");
        }
    }
}
