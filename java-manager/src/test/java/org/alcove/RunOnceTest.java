package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls in a process of their own, from their inputs to what they leave: nothing. */
class RunOnceTest {
    private static final String OPS = """
            import ctypes, logging, os, subprocess, sys, time
            from pathlib import Path
            from typing import Any, Optional
            from alcove import Array, Image, InOut, Table, op, progress

            @op
            def pid() -> int:
                return os.getpid()

            @op
            def echo(value: Any) -> Any:
                return value

            @op
            def double(values: Array) -> Array:
                return values * 2

            @op
            def brighten(image: Image) -> Image:
                return image + 1

            @op
            def measure(rows: int = 3) -> Table:
                import numpy
                return {
                    "name": ["a", None, "c"][:rows],
                    "area": numpy.arange(float(rows)),
                    "label": ~numpy.arange(rows, dtype="int16"),
                    "none": numpy.zeros(rows, bool),
                }

            @op
            def fill(values: InOut[Array]) -> None:
                values[...] = 7

            @op
            def talk(name: str) -> str:
                print("noise on stdout")
                os.write(1, b'{"more": "noise"}\\n')
                progress(0.25, "quarter")
                logging.getLogger("ops").warning("a record")
                progress(1.0, "whole")
                return "hello " + name

            @op
            def fail() -> None:
                raise ValueError("the author's own words")

            @op
            def end(how: str) -> None:
                print("last words", flush=True)
                if how == "exit":
                    os._exit(7)
                os.kill(os.getpid(), getattr(__import__("signal"), how))

            @op
            def tidy(there: Path) -> None:
                try:
                    there.touch()
                    time.sleep(1000)
                finally:
                    there.unlink()

            @op(grace=0.5)
            def stay(way: str, there: Path) -> int:
                child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
                there.with_suffix(".part").write_text(str(child.pid))
                there.with_suffix(".part").replace(there)
                while way == "polite":
                    progress(None, "polite")
                while way == "stubborn":
                    try:
                        time.sleep(0.01)
                    except BaseException:
                        pass
                if way == "frozen":
                    ctypes.PyDLL(None).sleep(1000)  # holds the interpreter's lock
                time.sleep(1000)
                return 0
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;

    @BeforeEach
    void open() {
        alcove = bench.open();
    }

    @Test
    void eachCallHasAProcessThatEndsWithIt() {
        long first = pid();
        long second = pid();
        assertNotEquals(first, second);
        assertTrue(ProcessHandle.of(first).isEmpty());
        assertTrue(ProcessHandle.of(second).isEmpty());
    }

    @Test
    void valuesGoAndComeBackAsTheyAre() {
        Map<String, Object> file = Map.of("$type", "file", "path", "no path, a value");
        List<Object> values = Arrays.asList(
                null, true, 1L, -0.0, Double.NaN, new Complex(1, Double.NEGATIVE_INFINITY), "ü \ud83d\ude00", file,
                Map.of("$type", "object", "value", file), new Table(Map.of("area", List.of(1L, 2L))));
        assertEquals(values, once("echo", Map.of("value", values)).get("result"));
    }

    @Test
    void tenMegabytesGoIn() {
        String text = "x".repeat(10 << 20);
        assertEquals(text, once("echo", Map.of("value", text)).get("result"));
    }

    @Test
    void theColumnsOfATableComeBackInIt() throws IOException {
        try (Outputs outputs = once("measure", Map.of())) {
            Table table = assertInstanceOf(Table.class, outputs.get("table"));
            assertEquals(List.of("name", "area", "label", "none"), table.names());
            assertEquals(Arrays.asList("a", null, "c"), table.column("name"));
            assertArrayEquals(new double[] {0, 1, 2}, ((SharedArray) table.column("area")).toDoubles());
            assertArrayEquals(new short[] {-1, -2, -3}, ((SharedArray) table.column("label")).toShorts());
            assertEquals(DType.BOOL, ((SharedArray) table.column("none")).dtype());
        }
        assertEquals(Set.of(), filesOf(folder()));
    }

    @Test
    void aTableWithoutRowsComesBack() {
        try (Outputs outputs = once("measure", Map.of("rows", 0))) {
            assertEquals(0, ((Table) outputs.get("table")).rows());
        }
    }

    @Test
    void anArrayGoesBySharedMemoryAndComesBackAsAFile() throws IOException {
        Call call;
        try (SharedArray values = alcove.share(DType.UINT8, new byte[] {1, 2, 3}, "x", 3)) {
            call = op("double").runOnceAsync(Map.of("values", values), folder());
        }
        Path file = assertInstanceOf(Path.class, call.await().get("result"));
        assertEquals(folder().resolve("result.npy"), file);
        assertArrayEquals(new byte[] {2, 4, 6}, lastBytes(file, 3));
        assertEquals(Set.of("result.npy"), filesOf(folder()));
    }

    @Test
    void anArrayMayBeAFile() throws IOException {
        Path file;
        try (SharedArray values = alcove.share(DType.UINT8, new byte[] {1, 2, 3}, "x", 3)) {
            file = (Path) op("double").runOnce(Map.of("values", values), folder()).get("result");
        }
        Path again = (Path) op("double").runOnce(Map.of("values", file), folder().resolve("again")).get("result");
        assertArrayEquals(new byte[] {4, 8, 12}, lastBytes(again, 3));
    }

    @Test
    void anArrayThatTheOpChangesIsChangedHere() {
        try (SharedArray values = alcove.share(DType.UINT8, new byte[3], "x", 3)) {
            op("fill").runOnce(Map.of("values", values), folder()).close();
            assertArrayEquals(new byte[] {7, 7, 7}, values.toBytes());
        }
    }

    @Test
    void moreAxesThanTheOpsAreIteratedUnlessItShallBeStrict() {
        Op brighten = op("brighten");
        try (SharedArray stack = alcove.share(DType.UINT8, new byte[12], "z y x", 3, 2, 2)) {
            Map<String, Object> inputs = Map.of("image", stack);
            assertInstanceOf(Path.class, brighten.runOnce(inputs, folder()).get("image"));
            AlcoveException failure = assertThrows(
                    AlcoveException.class, () -> brighten.adapting(Adaptation.STRICT).runOnce(inputs, folder()));
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertEquals("inputs.image", failure.data().get("path"));
        }
    }

    @Test
    void whoCallsHearsWhatTheOpSays() {
        ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();
        Outputs outputs = op("talk")
                .runOnceAsync(Map.of("name", "you"), folder())
                .onProgress(progress -> heard.add(progress.fraction().orElse(-1) + " " + progress.message()))
                .await();
        assertEquals("hello you", outputs.text("result"));
        assertEquals(List.of("0.25 quarter", "0.25 a record", "1.0 whole"), List.copyOf(heard));
    }

    @Test
    void whatTheOpRaisesIsTold() {
        AlcoveException failure = assertThrows(AlcoveException.class, () -> once("fail", Map.of()));
        assertEquals(ErrorKind.OP_FAILED, failure.kind());
        assertTrue(failure.getMessage().contains("the author's own words"), failure.getMessage());
        assertTrue(failure.traceback().contains("ops.py"), failure.traceback());
    }

    @Test
    void inputsAreCheckedBeforeAnythingIsStarted() {
        for (Map<String, Object> inputs : List.<Map<String, Object>>of(
                Map.of(), Map.of("name", 5), Map.of("name", "x", "other", 1))) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> once("talk", inputs));
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
        }
        assertTrue(Files.notExists(folder()), "the folder was made");
    }

    @Test
    void aFileThatIsNoArrayIsRefused() {
        for (Path file : List.of(bench.file("text.npy", "no array"), bench.folder().resolve("none.npy"))) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> once("double", Map.of("values", file)));
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertTrue(failure.getMessage().contains(file.getFileName().toString()), failure.getMessage());
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() {
        Path file = bench.file("file", "");
        AlcoveException failure = assertThrows(
                AlcoveException.class, () -> op("pid").runOnce(Map.of(), file.resolve("folder")));
        assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
        assertTrue(failure.getMessage().contains("folder"), failure.getMessage());
    }

    @Test
    void anOpFileThatBrokeMeanwhileSaysSo() throws IOException {
        Op op = op("pid");
        Files.writeString(bench.folder().resolve("ops.py"), "def broken(:\n");
        AlcoveException failure = assertThrows(AlcoveException.class, () -> op.runOnce(Map.of(), folder()));
        assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
    }

    @ParameterizedTest
    @CsvSource({"exit, exit code 7, 7", "SIGKILL, SIGKILL, 137", "SIGSEGV, SIGSEGV, 139"})
    @DisabledOnOs(OS.WINDOWS)
    void aProcessThatDiesSaysHow(String how, String words, int exitCode) {
        AlcoveException failure = assertThrows(AlcoveException.class, () -> once("end", Map.of("how", how)));
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
        assertEquals(exitCode, failure.data().get("exit_code"));
        assertTrue(Tree.strings(failure.data().get("stderr")).contains("last words"), failure.data().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"polite", "sleep", "stubborn", "frozen"})
    void aCancelEndsItWithAllThatItStarted(String way) throws Exception {
        Path there = bench.folder().resolve("there");
        Call call = op("stay").runOnceAsync(Map.of("way", way, "there", there), folder());
        Eventually.becomes("the op runs", () -> Files.exists(there));
        call.cancel();
        call.cancel();
        assertThrows(CancelledException.class, call::await);
        expectGone(there);
        assertEquals(Set.of(), filesOf(folder()));
    }

    @Test
    void aCancelLetsTheOpCleanUp() throws Exception {
        Path there = bench.folder().resolve("there");
        Call call = op("tidy").runOnceAsync(Map.of("there", there), folder());
        Eventually.becomes("the op runs", () -> Files.exists(there));
        call.cancel();
        assertThrows(CancelledException.class, call::await);
        assertTrue(Files.notExists(there), "it was killed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"polite", "frozen"})
    void closingEndsIt(String way) throws Exception {
        Path there = bench.folder().resolve("there");
        Call call = op("stay").runOnceAsync(Map.of("way", way, "there", there), folder());
        Eventually.becomes("the op runs", () -> Files.exists(there));
        alcove.close();
        assertThrows(CancelledException.class, call::await);
        expectGone(there);
    }

    @Test
    void anInterruptedCallerCancelsIt() throws Exception {
        Path there = bench.folder().resolve("there");
        Op stay = op("stay");
        Thread caller = new Thread(() -> stay.runOnce(Map.of("way", "sleep", "there", there), folder()));
        caller.setUncaughtExceptionHandler((thread, failure) -> {});
        caller.start();
        Eventually.becomes("the op runs", () -> Files.exists(there));
        caller.interrupt();
        caller.join();
        expectGone(there);
    }

    @Test
    void whatItStartedEndsWithItThoughTheOpSucceeds() throws Exception {
        bench.file("ops2.py", """
                import subprocess, sys
                from alcove import op

                @op
                def leave() -> int:
                    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"]).pid
                """);
        Op leave = alcove.op(bench.folder().resolve("ops2.py"), "leave", Workbench.python());
        long child = leave.runOnce(Map.of(), folder()).integer("result");
        Eventually.becomes("the child is gone", () -> ProcessHandle.of(child).isEmpty());
    }

    private Op op(String name) {
        return alcove.op(bench.file("ops.py", OPS), name, Workbench.python());
    }

    private Outputs once(String name, Map<String, Object> inputs) {
        return op(name).runOnce(inputs, folder());
    }

    private long pid() {
        return once("pid", Map.of()).integer("result");
    }

    private Path folder() {
        return bench.folder().resolve("öut put");
    }

    private void expectGone(Path there) throws Exception {
        long child = Long.parseLong(Files.readString(there));
        Eventually.becomes("its child is gone", () -> ProcessHandle.of(child).isEmpty());
    }

    private static Set<String> filesOf(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(java.util.stream.Collectors.toSet());
        }
    }

    private static byte[] lastBytes(Path file, int count) throws IOException {
        byte[] all = Files.readAllBytes(file);
        return Arrays.copyOfRange(all, all.length - count, all.length);
    }
}
