package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that end without closing anything, or are ended. */
class ChildProgramTest {
    private static final String OPS = """
            import ctypes, os, time
            from alcove import op, progress

            @op
            def pid() -> int:
                return os.getpid()

            @op
            def stay(how: str) -> int:
                progress(None, "there")
                if how == "frozen":
                    ctypes.PyDLL(None).sleep(1000)  # holds the interpreter's lock
                time.sleep(1000)
                return 0
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @ParameterizedTest
    @CsvSource({"return, 0", "throw, 1", "exit, 7", "close, 8", "callback, 9", "memory, 10"})
    void aProgramThatClosesNothingEndsAndLeavesNothing(String way, int exitCode) throws Exception {
        try (Child child = new Child(way)) {
            child.readWorker();
            assertTrue(child.process.waitFor(1, TimeUnit.MINUTES), "it does not end");
            assertEquals(exitCode, child.process.exitValue());
            child.expectNothingLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sleep", "frozen"})
    void aProgramThatIsKilledDuringACallLeavesNothing(String how) throws Exception {
        try (Child child = new Child(how)) {
            child.readWorker();
            child.readBusy();
            assertFalse(bench.blocks().isEmpty());
            child.process.destroyForcibly();
            child.expectNothingLeft();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aProgramThatIsAskedToEndDuringACallLeavesNothing() throws Exception {
        try (Child child = new Child("frozen")) {
            child.readWorker();
            child.readBusy();
            child.process.destroy();
            child.expectNothingLeft();
        }
    }

    @Test
    void theNextProgramSweepsAfterAHostAndAWorkerThatWereKilledTogether() throws Exception {
        try (Child child = new Child("frozen")) {
            ProcessHandle worker = child.readWorker();
            child.readBusy();
            worker.destroyForcibly();
            child.process.destroyForcibly();
            child.process.waitFor();
            Eventually.becomes("the worker is gone", () -> !worker.isAlive());
        }
        try (SharedArray array = bench.open().allocate(DType.UINT8, List.of(), 1)) {
            assertEquals(Set.of(array.block().name), bench.blocks());
        }
    }

    private final class Child implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;
        private ProcessHandle worker;

        Child(String way) throws IOException {
            Path java = Path.of(System.getProperty("java.home"), "bin", "java");
            String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            Path file = bench.file("ops.py", OPS);
            ProcessBuilder builder = new ProcessBuilder(
                    java.toString(), "-Xshare:auto", "-Xmx64m", "-cp", classPath, ChildProgram.class.getName(),
                    way, file.toString(), PythonProgram.executable().toString());
            builder.environment().put("ALCOVE_MEMORY_DIR", bench.memoryDirectory().toString());
            builder.environment().put("ALCOVE_DATA_DIR", Workbench.dataDirectory().toString());
            process = builder.start();
            output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        }

        ProcessHandle readWorker() throws IOException {
            String line = output.readLine();
            assertTrue(line != null && line.startsWith("worker "), line);
            worker = ProcessHandle.of(Long.parseLong(line.substring("worker ".length()))).orElse(null);
            return worker;
        }

        void readBusy() throws IOException {
            assertEquals("busy", output.readLine());
        }

        void expectNothingLeft() throws Exception {
            process.waitFor();
            Eventually.becomes("the worker is gone", () -> worker == null || !worker.isAlive());
            Eventually.becomes("the memory directory is empty", () -> bench.memoryFiles().equals(Set.of()));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
