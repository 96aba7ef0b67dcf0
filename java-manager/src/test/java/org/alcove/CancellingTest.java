package org.alcove;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every cancel ends its call, and no other. */
@org.junit.jupiter.api.Timeout(25)
class CancellingTest {
    /** Each way says that it is there, then goes on for ever. */
    private static final String DEAF = """
            import ctypes, os, time
            from pathlib import Path
            from alcove import op, progress

            def polite():
                while True:
                    progress(None, "polite")

            def loop():
                while True:
                    pass

            def stubborn():
                while True:
                    try:
                        time.sleep(0.01)
                    except BaseException:
                        pass

            def sleep():
                time.sleep(1000)

            def frozen():
                ctypes.PyDLL(None).sleep(1000)  # holds the interpreter's lock

            @op(grace=GRACE)
            def run(way: str, there: Path, value: str = "") -> int:
                there.touch()
                if way:
                    globals()[way]()
                return 0

            @op
            def pid() -> int:
                return os.getpid()

            @op(grace=0.2)
            def text(value: str = "") -> int:
                return len(value)
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;
    private Path file;

    @ParameterizedTest
    @ValueSource(strings = {"polite", "loop"})
    void anOpThatCanListenEndsWithoutItsWorker(String way) throws Exception {
        open(30);
        long pid = pid();
        Call call = begun(way);
        call.cancel();
        assertEquals(ErrorKind.CANCELLED, assertThrows(CancelledException.class, call::await).kind());
        assertEquals(pid, pid());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sleep", "stubborn", "frozen"})
    void anOpThatCannotListenEndsWithItsWorker(String way) throws Exception {
        open(0.2);
        long pid = pid();
        Call call = begun(way);
        call.cancel();
        call.cancel();
        String message = assertThrows(CancelledException.class, call::await).getMessage();
        assertTrue(message.contains("did not listen"), message);
        assertNotEquals(pid, pid());
        Eventually.becomes("the old worker is gone", () -> ProcessHandle.of(pid).isEmpty());
    }

    @Test
    void anotherCallOfTheEndedWorkerGoesToANewOne() throws Exception {
        open(0.2);
        List<Call> queued = new ArrayList<>();
        Call frozen = frozenBeforeOthers(5, queued);
        frozen.cancel();
        assertThrows(CancelledException.class, frozen::await);
        for (Call call : queued) {
            try (Outputs outputs = call.await()) {
                assertEquals(0, outputs.integer("result"));
            }
        }
    }

    @Test
    void aQueuedCallEndsAtOnceAndTheRunningOneGoesOn() throws Exception {
        open(0.2);
        Op text = op("text");
        text.call(Map.of()).close();
        Gate gate = new Gate();
        Call running = gate.call();
        Call queued = text.callAsync(Map.of());
        queued.cancel();
        assertThrows(CancelledException.class, queued::await);
        assertFalse(running.future().isDone());
        gate.open();
        running.await().close();
    }

    @Test
    void aCallThatIsQueuedBehindAFrozenOneEndsAloneTheFrozenOneGoesOn() throws Exception {
        open(0.2);
        long pid = pid();
        List<Call> queued = new ArrayList<>();
        Call frozen = frozenBeforeOthers(1, queued);
        queued.get(0).cancel();
        assertThrows(CancelledException.class, queued.get(0)::await);
        assertTrue(ProcessHandle.of(pid).isPresent(), "the worker of another call was ended");
        assertFalse(frozen.future().isDone(), "another call was ended");
        frozen.cancel();
        assertThrows(CancelledException.class, frozen::await);
    }

    @Test
    void aFullPipeHindersNoCancel() throws Exception {
        open(0.2);
        List<Call> queued = new ArrayList<>();
        Call frozen = frozenBeforeOthers(4, queued);
        queued.get(3).cancel();
        assertThrows(CancelledException.class, () -> queued.get(3).await());
        frozen.cancel();
        assertThrows(CancelledException.class, frozen::await);
        queued.get(0).await().close();
    }

    @Test
    void aFullPipeHindersNoClosing() throws Exception {
        open(0.2);
        List<Call> queued = new ArrayList<>();
        Call frozen = frozenBeforeOthers(4, queued);
        alcove.close();
        assertThrows(AlcoveException.class, frozen::await);
        for (Call call : queued) {
            assertThrows(AlcoveException.class, call::await);
        }
    }

    @Test
    void aCallMayBeCancelledBeforeItIsSent() {
        open(0.2);
        for (int i = 0; i < 30; i++) {
            Call call = op("run").callAsync(Map.of("way", "polite", "there", there()));
            call.cancel();
            assertThrows(CancelledException.class, call::await);
        }
    }

    @Test
    void cancellingACallThatHasEndedDoesNothing() {
        open(0.2);
        Call call = op("text").callAsync(Map.of("value", "abc"));
        try (Outputs outputs = call.await()) {
            call.cancel();
            assertEquals(3, outputs.integer("result"));
        }
        try (Outputs again = call.await()) {
            assertEquals(3, again.integer("result"));
        }
    }

    @Test
    void anInterruptedThreadCancelsTheCallItWaitsFor() throws Exception {
        open(30);
        Call call = begun("polite");
        CountDownLatch waiting = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            waiting.countDown();
            try {
                call.await();
                interrupted.complete(false);
            } catch (CancelledException e) {
                interrupted.complete(Thread.currentThread().isInterrupted());
            }
        });
        thread.start();
        waiting.await();
        thread.interrupt();
        assertTrue(interrupted.get(1, TimeUnit.MINUTES));
        assertThrows(CancelledException.class, call::await);
    }

    @Test
    void loadingAnOpFileCanBeCancelled() throws Exception {
        open(0.2);
        String source = "from alcove import op\n\n@op(grace=0.2)\ndef late() -> int:\n    return 1\n";
        Path late = bench.file("late.py", source);
        Op op = alcove.op(late, "late", Workbench.python());
        // The file changes: the next call loads it anew, and never comes to the op.
        Path there = there();
        Files.writeString(late, "open(r'" + there + "', 'w').close()\nimport ctypes\nctypes.PyDLL(None).sleep(1000)\n");
        Call loading = op.callAsync(Map.of());
        Call waiting = op.callAsync(Map.of());
        Eventually.becomes("the file is being loaded", () -> Files.exists(there));
        waiting.cancel();
        loading.cancel();
        assertThrows(CancelledException.class, waiting::await);
        assertThrows(CancelledException.class, loading::await);
        Files.writeString(late, source.replace("1", "2"));
        try (Outputs outputs = op.call(Map.of())) {
            assertEquals(2, outputs.integer("result"));
        }
    }

    /** An op that runs until a file appears. */
    private final class Gate {
        private final Path open = bench.folder().resolve("open");

        Call call() throws Exception {
            Op op = bench.op(alcove, "wait", """
                    import time
                    from pathlib import Path
                    from alcove import op

                    @op
                    def wait(path: Path, there: Path) -> int:
                        there.touch()
                        while not path.exists():
                            time.sleep(0.01)
                        return 1
                    """);
            Call call = op.callAsync(Map.of("path", open, "there", there()));
            Eventually.becomes("the op runs", () -> Files.exists(there()));
            return call;
        }

        void open() throws Exception {
            Files.createFile(open);
        }
    }

    private void open(double grace) {
        alcove = bench.open(bench.settings().workers(1));
        file = bench.file("deaf.py", DEAF.replace("GRACE", String.valueOf(grace)));
    }

    private Op op(String name) {
        return alcove.op(file, name, Workbench.python());
    }

    private long pid() {
        try (Outputs outputs = op("pid").call(Map.of())) {
            return outputs.integer("result");
        }
    }

    private Call begun(String way) throws Exception {
        Files.deleteIfExists(there());
        Call call = op("run").callAsync(Map.of("way", way, "there", there()));
        Eventually.becomes("the op runs", () -> Files.exists(there()));
        return call;
    }

    /**
     * A call that turns out to be frozen, and others that come right behind it: what is known to be short as a rule is sent
     * to a worker that has something to do, so they wait in its pipe, which they fill. At times one is late, and waits in
     * the pool.
     */
    private Call frozenBeforeOthers(int count, List<Call> others) throws Exception {
        Op run = op("run");
        Map<String, Object> nothing = Map.of("way", "", "there", there(), "value", "x".repeat(100_000));
        WorkerPool pool = PoolLook.pool(alcove);
        do {
            run.call(Map.of("way", "", "there", there())).close();
        } while (PoolLook.expectedRun(pool, "run") > 400_000);
        Files.delete(there());
        Call frozen = run.callAsync(Map.of("way", "frozen", "there", there()));
        for (int i = 0; i < count; i++) {
            others.add(run.callAsync(nothing));
        }
        Eventually.becomes("the op runs", () -> Files.exists(there()));
        return frozen;
    }

    private Path there() {
        return bench.folder().resolve("there");
    }
}
