package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callbacks come in order, and the completion after them, whatever they and their executor do. */
@org.junit.jupiter.api.Timeout(60)
class CallbacksTest {
    private static final long AN_HOUR = TimeUnit.HOURS.toMillis(1);

    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Thread> completed = new CompletableFuture<>();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private CallBench bench;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        bench = new CallBench(folder);
    }

    @AfterEach
    void close() {
        released.countDown();
        bench.close();
    }

    @Test
    void theCompletionComesLastAndHereWhenThereIsNothingBefore() throws Exception {
        Callbacks none = new Callbacks(bench.host());
        none.complete(this::complete, false, AN_HOUR);
        assertEquals(Thread.currentThread(), completed.getNow(null));

        Callbacks many = new Callbacks(bench.host());
        IntStream.range(0, 1000).forEach(i -> many.run(() -> heard.add(String.valueOf(i))));
        CompletableFuture<List<String>> before = new CompletableFuture<>();
        many.complete(() -> before.complete(List.copyOf(heard)), false, AN_HOUR);
        assertEquals(IntStream.range(0, 1000).mapToObj(String::valueOf).toList(), before.get());
        CompletableFuture<Boolean> late = new CompletableFuture<>();
        many.run(() -> late.complete(true));
        assertTrue(late.get(), "who listens after the end hears, too");
    }

    @Test
    void oneThatThrowsHindersNothing() throws Exception {
        Callbacks callbacks = new Callbacks(bench.host());
        callbacks.run(() -> {
            throw new IllegalStateException("a listener");
        });
        callbacks.run(() -> {
            throw new NoClassDefFoundError("another");
        });
        callbacks.run(() -> heard.add("third"));
        callbacks.complete(this::complete, false, AN_HOUR);
        completed.get();
        assertEquals(List.of("third"), heard);
    }

    @Test
    void oneThatBlocksForEverIsNotWaitedForLong() throws Exception {
        Callbacks callbacks = new Callbacks(bench.host());
        callbacks.run(this::block);
        callbacks.run(() -> heard.add("after it"));
        entered.await();
        callbacks.complete(this::complete, false, 50);
        completed.get();
        callbacks.run(() -> heard.add("after the end"));
        released.countDown();
        assertEquals(List.of(), heard);
    }

    @Test
    void slowOnesAreWaitedForAsLongAsTheyGoOn() throws Exception {
        Callbacks callbacks = new Callbacks(bench.host());
        for (int i = 0; i < 12; i++) {
            callbacks.run(() -> {
                pause();
                heard.add("slow");
            });
        }
        callbacks.complete(() -> completed.complete(null), false, 1000);
        completed.get();
        assertEquals(12, heard.size());
    }

    @Test
    void aCompletionAtOnceLeavesOutWhatWaits() throws Exception {
        Callbacks callbacks = new Callbacks(bench.host());
        callbacks.run(this::block);
        callbacks.run(() -> heard.add("waited"));
        entered.await();
        callbacks.complete(this::complete, true, AN_HOUR);
        assertFalse(completed.isDone());
        released.countDown();
        completed.get();
        assertEquals(List.of(), heard);
    }

    @Test
    void theyRunOnTheChosenExecutor() throws Exception {
        ExecutorService chosen = Executors.newSingleThreadExecutor(task -> new Thread(task, "chosen"));
        bench.host().callbacks(chosen);
        Callbacks callbacks = new Callbacks(bench.host());
        callbacks.run(() -> heard.add(Thread.currentThread().getName()));
        callbacks.complete(this::complete, false, AN_HOUR);
        completed.get();
        chosen.shutdown();
        assertEquals(List.of("chosen"), heard);
    }

    @Test
    void anExecutorThatBlocksHoldsUpNobodyWhoCalls() throws Exception {
        bench.host().callbacks(Runnable::run);
        Callbacks callbacks = new Callbacks(bench.host());
        callbacks.run(this::block); // comes back
        entered.await();
        callbacks.complete(this::complete, false, AN_HOUR);
        released.countDown();
        assertFalse(completed.get() == Thread.currentThread());
    }

    @Test
    void anExecutorThatRefusesIsNotWaitedFor() throws Exception {
        for (Error how : new Error[] {null, new OutOfMemoryError("unable to create native thread")}) {
            CompletableFuture<Boolean> end = new CompletableFuture<>();
            CountDownLatch refused = new CountDownLatch(1);
            bench.host().callbacks(task -> {
                refused.countDown();
                if (how != null) {
                    throw how;
                }
                throw new RejectedExecutionException("shut down");
            });
            Callbacks callbacks = new Callbacks(bench.host());
            callbacks.run(() -> heard.add("never"));
            refused.await();
            callbacks.complete(() -> end.complete(true), false, AN_HOUR);
            end.get();
            callbacks.run(() -> heard.add("never"));
        }
        assertEquals(List.of(), heard);
    }

    @Test
    void anExecutorThatForgetsIsNotWaitedForLong() throws Exception {
        bench.host().callbacks(task -> {});
        Callbacks callbacks = new Callbacks(bench.host());
        callbacks.run(() -> heard.add("never"));
        callbacks.complete(this::complete, false, 50);
        completed.get();
    }

    private void complete() {
        completed.complete(Thread.currentThread());
    }

    private void block() {
        entered.countDown();
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
