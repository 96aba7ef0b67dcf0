package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Callers that read the answers themselves, as those of quick ops do: all else is as for others. */
class CallerReadingTest {
    private static final String OPS = """
            import logging, os, time
            from pathlib import Path
            from alcove import op, progress

            @op
            def add(a: int, b: int = 1) -> int:
                return a + b

            @op
            def tell(there: Path) -> str:
                logging.getLogger("op").warning("logged")
                progress(0.5, "half")
                while not there.exists():
                    time.sleep(0.001)
                return "told"

            @op
            def die(microseconds: int) -> None:
                until = time.perf_counter() + microseconds / 1e6
                while time.perf_counter() < until:
                    pass
                os._exit(3)

            @op
            def fail(a: int) -> int:
                raise ValueError(f"no {a}")
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private final Map<String, Op> ops = new HashMap<>();
    private Path there;

    @BeforeEach
    void open() {
        there = bench.folder().resolve("there");
        Alcove alcove = bench.open(this::touch);
        alcove.ops(bench.file("ops.py", OPS), Workbench.python()).forEach(op -> ops.put(op.name(), op));
        callOften();
    }

    /** What the op that tells waits for: whoever reads its progress passes it on. */
    private void touch(Progress progress) {
        if (progress.message().equals("half")) {
            try {
                Files.createFile(there);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Once a worker is known to be quick, most callers read. */
    private void callOften() {
        for (int i = 0; i < 100; i++) {
            assertEquals(i + 1, add(i));
        }
    }

    private long add(long number) {
        try (Outputs outputs = ops.get("add").call(Map.of("a", number))) {
            return outputs.integer("result");
        }
    }

    @Test
    void aDeathIsNoticedWhenEverItComes() {
        for (int microseconds : new int[] {0, 50, 1000}) {
            AlcoveException failure = assertThrows(
                    AlcoveException.class, () -> ops.get("die").call(Map.of("microseconds", microseconds)));
            assertEquals(ErrorKind.WORKER_DIED, failure.kind());
            callOften();
        }
    }

    @Test
    void whatComesBeforeTheAnswerGoesWhereItAlwaysDoes() {
        try (Outputs outputs = ops.get("tell").call(Map.of("there", there))) {
            assertEquals("told", outputs.text("result"));
        }
    }

    @Test
    void failuresAreThrownToWhoCalled() {
        for (int i = 0; i < 20; i++) {
            Map<String, Integer> inputs = Map.of("a", i);
            AlcoveException failure = assertThrows(AlcoveException.class, () -> ops.get("fail").call(inputs));
            assertEquals(ErrorKind.OP_FAILED, failure.kind());
            assertTrue(failure.getMessage().contains("no " + i));
        }
    }

    @Test
    void anInterruptEndsACallOrLetsItEndAtAnyMoment() throws Exception {
        AtomicLong calls = new AtomicLong();
        for (int round = 0; round < 30; round++) {
            CompletableFuture<Boolean> wasInterrupted = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    while (!Thread.currentThread().isInterrupted()) {
                        assertEquals(calls.get() + 1, add(calls.getAndIncrement()));
                    }
                    wasInterrupted.complete(true);
                } catch (CancelledException e) {
                    wasInterrupted.complete(Thread.currentThread().isInterrupted());
                } catch (RuntimeException | Error e) {
                    wasInterrupted.completeExceptionally(e);
                }
            });
            long until = calls.get() + 10 + 7 * round;
            caller.start();
            while (calls.get() < until && caller.isAlive()) {
                Thread.onSpinWait();
            }
            caller.interrupt();
            assertTrue(wasInterrupted.get(1, TimeUnit.MINUTES));
        }
        callOften();
    }

    @Test
    void callersThatReadAndOthersAllGetTheirOwnAnswers() throws Exception {
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
            boolean isPatient = caller % 2 == 0;
            callers.add(CompletableFuture.runAsync(() -> {
                for (long i = 0; i < 500; i++) {
                    assertEquals(i + 1, isPatient ? add(i) : addLater(i));
                }
            }, command -> new Thread(command).start()));
        }
        for (CompletableFuture<Void> caller : callers) {
            caller.get(1, TimeUnit.MINUTES);
        }
    }

    private long addLater(long number) {
        try (Outputs outputs = ops.get("add").callAsync(Map.of("a", number)).await()) {
            return outputs.integer("result");
        }
    }
}
