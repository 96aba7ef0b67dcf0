package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What listeners hear, and that nothing they do harms a call. */
class ProgressTest {
    private static final String COUNT = """
            import time
            from pathlib import Path
            from typing import Optional
            from alcove import op, progress

            @op
            def count(to: int, gate: Optional[Path] = None) -> int:
                while gate is not None and not gate.exists():
                    time.sleep(0.01)
                for i in range(1, to + 1):
                    progress(i / to, f"step {i}")
                    time.sleep(0.06)  # more than twenty a second are not sent
                return to
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private int gates;

    @Test
    void comesInOrderAndAllOfItBeforeTheOutcome() {
        Op count = bench.op("count", COUNT);
        List<Progress> heard = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Call call = counting(count, 5, progress -> {
            begun.countDown();
            awaitQuietly(released); // the outcome waits for a slow listener
            heard.add(progress);
        });
        awaitQuietly(begun);
        released.countDown();
        call.await().close();
        assertEquals(
                IntStream.rangeClosed(1, 5)
                        .mapToObj(i -> Progress.of(Progress.Stage.OP, i / 5.0, "step " + i))
                        .toList(),
                heard);
    }

    @Test
    void theLastIsNeverLost() throws IOException {
        Op hurry = bench.op("hurry", """
                import time
                from pathlib import Path
                from alcove import op, progress

                @op
                def hurry(gate: Path) -> int:
                    while not gate.exists():
                        time.sleep(0.01)
                    for i in range(1000):
                        progress(i / 1000, str(i))
                    progress(None, "done")
                    return 0
                """);
        List<Progress> heard = Collections.synchronizedList(new ArrayList<>());
        Path gate = bench.folder().resolve("gate");
        Call call = hurry.callAsync(Map.of("gate", gate)).onProgress(heard::add);
        Files.createFile(gate);
        call.await().close();
        assertEquals(Progress.of(Progress.Stage.OP, null, "done"), heard.get(heard.size() - 1));
    }

    @Test
    void bringsDetailsForPrograms() {
        List<Progress> heard = Collections.synchronizedList(new ArrayList<>());
        Op tell = bench.op(bench.open(heard::add), "tell", """
                from alcove import op, progress

                @op
                def tell() -> int:
                    progress(0.5, "half", {"step": "cutting", "done": 3, "rate": 0.5, "last": True, "left": None})
                    return 0
                """);
        tell.call(Map.of()).close();
        Map<String, Object> details = heard.get(heard.size() - 1).details();
        assertEquals(List.of("step", "done", "rate", "last", "left"), new ArrayList<>(details.keySet()));
        assertEquals(java.util.Arrays.asList("cutting", 3L, 0.5, true, null), new ArrayList<>(details.values()));
        assertThrows(UnsupportedOperationException.class, () -> details.put("step", "gluing"));
    }

    @Test
    void reachesTheListenerOfTheManagerWithoutOneOfTheCall() {
        List<Progress> heard = Collections.synchronizedList(new ArrayList<>());
        Op count = bench.op(bench.open(heard::add), "count", COUNT);
        count.call(Map.of("to", 2)).close();
        assertEquals(List.of("step 1", "step 2"), heard.stream().map(Progress::message).toList());
    }

    @Test
    void aListenerThatFailsHarmsNothing() {
        Op count = bench.op("count", COUNT);
        List<String> warnings = Collections.synchronizedList(new ArrayList<>());
        Logger logger = Logger.getLogger("org.alcove");
        logger.setFilter(record -> !warnings.add(record.getMessage()));
        for (Throwable thrown : List.of(new IllegalStateException("a"), new NoClassDefFoundError("b"))) {
            AtomicReference<Progress> last = new AtomicReference<>();
            try (Outputs outputs = counting(count, 3, progress -> {
                        last.set(progress);
                        ProgressTest.<RuntimeException>sneak(thrown);
                    })
                    .await()) {
                assertEquals(3, outputs.integer("result"));
                assertEquals("step 3", last.get().message());
            }
        }
        logger.setFilter(null);
        assertEquals(6, warnings.size(), warnings::toString);
        assertTrue(warnings.get(5).contains("NoClassDefFoundError"), warnings::toString);
    }

    @Test
    void aListenerThatBlocksHoldsUpItsOwnCallAlone() throws Exception {
        Op count = bench.op("count", COUNT);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Call blocked = counting(count, 3, progress -> {
            entered.countDown();
            awaitQuietly(released);
        });
        assertTrue(entered.await(1, TimeUnit.MINUTES));
        for (int i = 0; i < 3; i++) {
            List<Progress> heard = Collections.synchronizedList(new ArrayList<>());
            counting(count, 1, heard::add).await().close();
            assertEquals(1, heard.size());
        }
        released.countDown();
        blocked.await().close();
    }

    @Test
    void aListenerMayCancelItsCall() {
        Op endless = bench.op("endless", """
                from alcove import op, progress

                @op
                def endless() -> int:
                    while True:
                        progress(None, "on and on")
                """);
        AtomicReference<Call> call = new AtomicReference<>();
        CountDownLatch set = new CountDownLatch(1);
        call.set(endless.callAsync(Map.of()).onProgress(progress -> {
            awaitQuietly(set);
            call.get().cancel();
        }));
        set.countDown();
        assertThrows(CancelledException.class, () -> call.get().await());
    }

    @Test
    void aListenerMayCallOps() {
        Op count = bench.op("count", COUNT);
        List<Long> results = Collections.synchronizedList(new ArrayList<>());
        Consumer<Progress> calling = progress -> {
            try (Outputs outputs = count.call(Map.of("to", 1))) {
                results.add(outputs.integer("result"));
            }
        };
        counting(count, 2, calling).await().close();
        assertEquals(List.of(1L, 1L), results);
    }

    @Test
    void aListenerThatComesLateHearsTheLatest() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        Op wait = bench.op(bench.open(progress -> told.countDown()), "wait", """
                import time
                from pathlib import Path
                from alcove import op, progress

                @op
                def wait(gate: Path) -> int:
                    progress(0.5, "half")
                    while not gate.exists():
                        time.sleep(0.01)
                    return 0
                """);
        Path gate = bench.folder().resolve("gate");
        Call call = wait.callAsync(Map.of("gate", gate));
        assertTrue(told.await(1, TimeUnit.MINUTES));
        CompletableFuture<Progress> heard = new CompletableFuture<>();
        call.onProgress(heard::complete);
        assertEquals("half", heard.get(1, TimeUnit.MINUTES).message());
        Files.createFile(gate);
        call.await().close();
    }

    /** The op begins when the listener is there, so that it hears everything. */
    private Call counting(Op count, int to, Consumer<Progress> listener) {
        try {
            Path gate = bench.folder().resolve("gate" + gates++);
            Call call = count.callAsync(Map.of("to", to, "gate", gate)).onProgress(listener);
            Files.createFile(gate);
            return call;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
