package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.alcove.CallStatus.State;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a call says of itself while it is under way, and to whom. */
@org.junit.jupiter.api.Timeout(60)
class CallTest {
    private static final String OPS = """
            import ctypes, logging, os, sys, time
            from pathlib import Path
            from alcove import op, progress

            @op(grace=0.2)
            def work(name: str, there: Path, gate: Path) -> int:
                progress(0.25, name)
                logging.getLogger("ops.µ").warning("record of %s", name)
                logging.getLogger("ops").debug("too much of %s", name)
                print("print of " + name)
                sys.stderr.write("half a line of " + name)
                sys.stderr.flush()
                there.touch()
                while not gate.exists():
                    time.sleep(0.01)
                progress(0.5, name + " again")
                print()
                return 1

            @op(grace=0.2)
            def pid(text: str = "") -> int:
                return os.getpid()

            @op(grace=0.2)
            def freeze(there: Path) -> int:
                there.touch()
                ctypes.PyDLL(None).sleep(1000)  # holds the interpreter's lock
                return 1
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Path there;
    private Path gate;

    @BeforeEach
    void choose() {
        there = bench.folder().resolve("there");
        gate = bench.folder().resolve("gate");
    }

    @Test
    void theFirstListenerHearsWhatCameBeforeIt() throws Exception {
        Call call = begun(op(bench.open(), "work"), "a");
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        call.onProgress(progress -> heard.add(progress.message()));
        Eventually.becomes("it hears", () -> heard.equals(List.of("a")));
        Files.createFile(gate);
        call.await().close();
        assertEquals(List.of("a", "a again"), heard);

        List<String> after = Collections.synchronizedList(new ArrayList<>());
        call.onProgress(progress -> after.add(progress.message()));
        Eventually.becomes("another hears the latest", () -> after.equals(List.of("a again")));
    }

    @Test
    void aListenerThatIsGivenWithTheCallHearsAll() throws Exception {
        Alcove alcove = bench.open(progress -> {
            throw new AssertionError("the manager's listener hears of a call that has its own");
        });
        Files.createFile(gate);
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        op(alcove, "work").callAsync(inputs("b"), progress -> heard.add(progress.message())).await().close();
        assertEquals(List.of("b", "b again"), heard);
    }

    @Test
    void itsLinesAreItsOwn() throws Exception {
        Op work = op(bench.open(), "work").workers(1);
        Call first = begun(work, "first");
        List<LogLine> heard = Collections.synchronizedList(new ArrayList<>());
        Eventually.becomes("it has said what it says at first", () -> first.log().size() == 2);
        first.onLog(heard::add);
        Call second = work.callAsync(inputs("second"));
        Files.createFile(gate);
        first.await().close();
        second.await().close();
        for (Call call : List.of(first, second)) {
            String name = call == first ? "first" : "second";
            Eventually.becomes("all is drained", () -> call.log().size() == 3);
            List<String> said = call.log().stream()
                    .map(line -> line.level() + " " + line.logger() + ": " + line.text())
                    .sorted()
                    .toList();
            assertEquals(
                    List.of("INFO stderr: half a line of " + name, "INFO stderr: print of " + name,
                            "WARNING ops.µ: record of " + name),
                    said);
        }
        Eventually.becomes("the listener has heard all", () -> heard.equals(first.log()));
    }

    @Test
    void itSaysWhatItIsDoing() throws Exception {
        Op work = op(bench.open(), "work").workers(1);
        Instant before = Instant.now();
        Call call = begun(work, "a");
        Call waiting = work.callAsync(inputs("b"));
        CallStatus running = call.status();
        assertEquals(State.RUNNING, running.state());
        assertEquals("work", running.op());
        assertTrue(ProcessHandle.of(running.pid().getAsLong()).isPresent());
        assertTrue(running.memoryBytes().getAsLong() > 0);
        assertTrue(running.responsive());
        assertFalse(running.since().isBefore(before));
        assertFalse(waiting.status().state() == State.DONE);
        assertTrue(waiting.status().pid().isEmpty());
        Files.createFile(gate);
        call.await().close();
        waiting.await().close();
        assertEquals(State.DONE, call.status().state());
        assertTrue(call.status().pid().isEmpty());
    }

    @Test
    void aFrozenInterpreterIsSeen() throws Exception {
        Call call = op(bench.open(), "freeze").callAsync(Map.of("there", there));
        Eventually.becomes("it runs", () -> Files.exists(there));
        CallStatus frozen = call.status();
        assertEquals(State.RUNNING, frozen.state());
        assertFalse(frozen.responsive());
        call.cancel();
        assertThrows(CancelledException.class, call::await);
    }

    @Test
    void itsFutureComesOnTheExecutorOfChoice() throws Exception {
        ExecutorService chosen = Executors.newSingleThreadExecutor(task -> new Thread(task, "chosen"));
        Alcove alcove = Alcove.open(new Settings()
                .dataDirectory(Workbench.dataDirectory())
                .memoryDirectory(bench.memoryDirectory())
                .callbacks(chosen));
        bench.closeLater(alcove);
        Op work = op(alcove, "work");
        Call call = begun(work, "a");
        List<String> threads = Collections.synchronizedList(new ArrayList<>());
        call.onProgress(progress -> threads.add("progress " + Thread.currentThread().getName()));
        call.onLog(line -> threads.add("log " + Thread.currentThread().getName()));
        CompletableFuture<String> usual = call.future().thenApply(outputs -> Thread.currentThread().getName());
        CompletableFuture<String> direct =
                call.future(Runnable::run).thenApply(outputs -> Thread.currentThread().getName());
        CompletableFuture<String> refused = call.future(task -> {
            throw new IllegalStateException("no");
        }).thenApply(outputs -> Thread.currentThread().getName());
        Files.createFile(gate);
        call.await().close();
        assertEquals("chosen", usual.get());
        for (CompletableFuture<String> future : List.of(direct, refused)) {
            assertTrue(future.get().startsWith("alcove-callback-"), "on a reading thread: " + future.get());
        }
        assertTrue(threads.containsAll(List.of("progress chosen", "log chosen")), threads::toString);
        assertTrue(threads.stream().allMatch(thread -> thread.endsWith(" chosen")), threads::toString);
        chosen.shutdown();
        work.callAsync(inputs("b")).onProgress(progress -> {}).await().close(); // refused, and no harm
    }

    @Test
    void aListenerThatBlocksForEverKeepsNobodyFromCancelling() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Call call = op(bench.open(), "work").callAsync(inputs("a"), progress -> {
            entered.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        entered.await();
        call.cancel();
        assertThrows(CancelledException.class, call::await);
        released.countDown();
    }

    @Test
    void aCallWhoseWorkerIsStartingEndsAtOnce() throws Exception {
        Path python = bench.folder().resolve("slow python");
        Path slow = bench.folder().resolve("slow");
        Files.writeString(python, "#!/bin/sh\nwhile [ -e '" + slow + "' ]; do touch '" + there + "'; sleep 0.1; done\nexec '"
                + PythonProgram.executable() + "' \"$@\"\n");
        assertTrue(python.toFile().setExecutable(true));
        Alcove alcove = bench.open();
        Op work = alcove.op(bench.file("ops.py", OPS), "freeze", EnvironmentSpec.existing(python));
        Call frozen = work.callAsync(Map.of("there", gate));
        Eventually.becomes("it runs", () -> Files.exists(gate));
        Files.createFile(slow);
        frozen.cancel();
        assertThrows(CancelledException.class, frozen::await);
        Call call = work.callAsync(Map.of("there", gate));
        Eventually.becomes("a worker is starting", () -> Files.exists(there));
        call.cancel();
        assertThrows(CancelledException.class, call::await);
        Files.delete(slow); // so that closing has nothing to wait for
    }

    @Test
    void aThreadThatWritesToAWorkerThatDoesNotReadCanBeInterrupted() throws Exception {
        Op pid = op(bench.open(), "pid");
        long stopped;
        try (Outputs outputs = pid.call(Map.of())) {
            stopped = outputs.integer("result");
        }
        new ProcessBuilder("kill", "-STOP", String.valueOf(stopped)).start().waitFor();
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                pid.call(Map.of("text", "x".repeat(1 << 20))).close(); // more than a pipe holds
                end.complete(null);
            } catch (RuntimeException e) {
                end.complete(e);
            }
        });
        caller.start();
        Eventually.becomes("somebody writes", () -> Thread.getAllStackTraces().values().stream()
                .anyMatch(frames -> Stream.of(frames).anyMatch(frame -> frame.getMethodName().equals("writeBytes"))));
        caller.interrupt();
        assertInstanceOf(CancelledException.class, end.get());
        pid.call(Map.of()).close();
    }

    private Op op(Alcove alcove, String name) {
        return alcove.op(bench.file("ops.py", OPS), name, Workbench.python());
    }

    private Map<String, Object> inputs(String name) {
        return Map.of("name", name, "there", there, "gate", gate);
    }

    /** A call that has said all that it says at first. */
    private Call begun(Op work, String name) throws Exception {
        Call call = work.callAsync(inputs(name));
        Eventually.becomes("it runs", () -> Files.exists(there));
        return call;
    }
}
