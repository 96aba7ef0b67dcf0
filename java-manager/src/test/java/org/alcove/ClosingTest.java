package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The end of a manager, whatever is under way. */
class ClosingTest {
    private static final String WAIT = """
            import time
            from pathlib import Path
            from alcove import op

            @op(grace=0.2)
            def wait(there: Path) -> int:
                there.touch()
                time.sleep(1000)
                return 0
            """;
    private static final String ONE = """
            from alcove import op

            @op
            def one() -> int:
                return 1
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @Test
    void tenManagersLeaveNothing() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        List<Alcove> managers = new ArrayList<>();
        List<SharedArray> leftOpen = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Alcove alcove = bench.open();
            bench.op(alcove, "one", ONE).call(Map.of()).close();
            leftOpen.add(alcove.allocate(DType.UINT8, List.of(), 10));
            managers.add(alcove);
        }
        assertEquals(10, ProcessHandle.current().children().count());
        managers.forEach(Alcove::close);
        bench.expectNothingLeft();
        Set<Thread> added = new HashSet<>(Thread.getAllStackTraces().keySet());
        added.removeAll(before);
        // The JDK's own serve the whole program: those of child processes for a minute, the other for ever.
        added.removeIf(thread -> thread.getName().equals("process reaper")
                || thread.getName().equals("CompletableFutureDelayScheduler"));
        assertEquals(Set.of(), added);
        leftOpen.forEach(SharedArray::close);
    }

    @Test
    void oneAfterTheOtherLeaveNothing() throws Exception {
        List<SharedArray> leftOpen = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            try (Alcove alcove = bench.open()) {
                leftOpen.add(alcove.allocate(DType.UINT8, List.of(), 10));
            }
        }
        bench.expectNothingLeft();
        leftOpen.forEach(SharedArray::close);
    }

    @Test
    void aManagerThatWasOnlyOpenedHasLeftNoTraceEvenBefore() {
        bench.open();
        assertEquals(Set.of(), bench.memoryFiles());
        assertEquals(0, ProcessHandle.current().children().count());
    }

    @Test
    void managersDoNotSeeEachOther() {
        Alcove one = bench.open();
        try (SharedArray array = one.share(DType.UINT8, new byte[] {1, 2}, "x", 2)) {
            try (Alcove other = bench.open()) {
                other.allocate(DType.UINT8, List.of(), 2).close();
            }
            bench.open().allocate(DType.UINT8, List.of(), 2).close();
            assertArrayEquals(new byte[] {1, 2}, array.toBytes());
            assertTrue(bench.blocks().contains(array.block().name));
        }
    }

    @Test
    void whoeverClosesItFindsItClosed() throws Exception {
        for (int round = 0; round < 5; round++) {
            Alcove alcove = bench.open();
            bench.op(alcove, "one", ONE).call(Map.of()).close();
            SharedArray leftOpen = alcove.allocate(DType.UINT8, List.of(), 10);
            List<CompletableFuture<Set<String>>> left = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                left.add(CompletableFuture.supplyAsync(() -> {
                    alcove.close();
                    return bench.memoryFiles();
                }, task -> new Thread(task).start()));
            }
            for (CompletableFuture<Set<String>> files : left) {
                assertEquals(Set.of(), files.get(1, TimeUnit.MINUTES));
            }
            leftOpen.close();
        }
    }

    @Test
    void nothingCanBeBegunAfterwards() {
        Alcove alcove = bench.open();
        Op one = bench.op(alcove, "one", ONE);
        Op fresh = bench.op(bench.open(), "two", ONE.replace("one", "two"));
        SharedArray array = alcove.allocate(DType.UINT8, List.of(), 10);
        alcove.close();
        alcove.close();
        assertThrows(IllegalStateException.class, () -> one.call(Map.of()));
        assertThrows(IllegalStateException.class, () -> one.callAsync(Map.of()));
        assertThrows(IllegalStateException.class, () -> alcove.allocate(DType.UINT8, List.of(), 10));
        assertThrows(IllegalStateException.class, () -> bench.op(alcove, "one", ONE));
        array.close();
        fresh.call(Map.of()).close();
    }

    @Test
    void endsTheCallsThatAreUnderWay() throws Exception {
        Alcove alcove = bench.open();
        Op wait = bench.op(alcove, "wait", WAIT);
        Call running = wait.callAsync(Map.of("there", bench.folder().resolve("there")));
        Eventually.becomes("the op runs", () -> Files.exists(bench.folder().resolve("there")));
        List<Call> queued = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            queued.add(wait.callAsync(Map.of("there", bench.folder().resolve("never"))));
        }
        CompletableFuture<Outputs> future = queued.get(7).future();
        alcove.close();
        assertThrows(CancelledException.class, running::await);
        for (Call call : queued) {
            assertThrows(CancelledException.class, call::await);
        }
        assertInstanceOf(
                CancelledException.class,
                assertThrows(ExecutionException.class, () -> future.get(1, TimeUnit.MINUTES)).getCause());
        assertTrue(Files.notExists(bench.folder().resolve("never")));
    }

    @Test
    void whileManyThreadsCall() throws Exception {
        for (int round = 0; round < 5; round++) {
            Alcove alcove = bench.open();
            Op one = bench.op(alcove, "one", ONE);
            List<CompletableFuture<Long>> callers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                callers.add(
                        CompletableFuture.supplyAsync(() -> callUntilClosed(one), task -> new Thread(task).start()));
            }
            while (callers.stream().noneMatch(CompletableFuture::isDone)) {
                alcove.close();
            }
            for (CompletableFuture<Long> caller : callers) {
                caller.get(1, TimeUnit.MINUTES);
            }
        }
    }

    @Test
    void aCallThatHasEndedKeepsItsOutcome() throws Exception {
        Alcove alcove = bench.open();
        Call call = bench.op(alcove, "one", ONE).callAsync(Map.of());
        call.await();
        alcove.close();
        assertEquals(1, call.await().integer("result"));
        assertEquals(1, call.future().get(1, TimeUnit.MINUTES).integer("result"));
    }

    @Test
    void aListenerMayCloseTheManager() {
        Alcove alcove = bench.open();
        Op tell = bench.op(alcove, "tell", """
                from alcove import op, progress

                @op
                def tell() -> int:
                    while True:
                        progress(0.5, "there")
                """);
        Call call = tell.callAsync(Map.of()).onProgress(progress -> alcove.close());
        assertThrows(CancelledException.class, call::await);
    }

    @Test
    void aThreadOfAnOpThatNeverEndsIsEnded() {
        Alcove alcove = bench.open();
        Op op = bench.op(alcove, "leave", """
                import threading, time
                from alcove import op

                @op
                def leave() -> int:
                    threading.Thread(target=time.sleep, args=(1000,)).start()
                    return 1
                """);
        op.call(Map.of()).close();
        alcove.close();
        assertEquals(0, ProcessHandle.current().children().count());
    }

    private static long callUntilClosed(Op op) {
        for (long calls = 0; ; calls++) {
            try (Outputs outputs = op.call(Map.of())) {
                outputs.integer("result");
            } catch (CancelledException | IllegalStateException closed) {
                return calls;
            }
        }
    }
}
