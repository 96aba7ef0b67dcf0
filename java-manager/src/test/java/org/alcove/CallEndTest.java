package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.alcove.CallStatus.State;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How calls end that are not in a worker, or not yet, or not any more. */
@org.junit.jupiter.api.Timeout(60)
class CallEndTest {
    private static final Call.Runner RUNNER = new Call.Runner() {
        @Override
        public long pid() {
            return 1;
        }

        @Override
        public OptionalLong memoryBytes() {
            return OptionalLong.empty();
        }

        @Override
        public Optional<Map<String, Object>> status(long milliseconds) {
            return Optional.empty();
        }
    };

    private CallBench bench;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        bench = new CallBench(folder);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aCallThatNothingWorksForEndsAtOnce() {
        Call call = call();
        call.cancel();
        assertTrue(call.isDone());
        assertTrue(call.begin(() -> {}), "nothing is begun for it any more");
        assertThrows(CancelledException.class, call::await);
    }

    @Test
    void aCallThatSomethingWorksForEndsWithThat() {
        Call call = call();
        call.begin(() -> {});
        call.cancel();
        assertFalse(call.isDone());
        call.succeed(new Outputs(Map.of()));
        call.await().close();
    }

    @Test
    void whatGoesOnAroundACallEndsIt() {
        AtomicReference<Call> around = new AtomicReference<>();
        String answer = Call.around(bench.host(), progress -> {}, call -> {
            around.set(call);
            call.cancel();
            assertFalse(call.isDone());
            return "done all the same";
        });
        assertEquals("done all the same", answer);
        assertTrue(around.get().isDone());
    }

    @Test
    void aCallOnBehalfOfAnotherHearsOfItsCancelAndEndsIt() {
        Call outer = call();
        Call inner = outer.inner("op", Inputs.NONE, progress -> {});
        inner.begin(() -> {});
        outer.cancel();
        assertTrue(inner.isCancelled());
        assertFalse(outer.isDone());

        Call waiting = call();
        Call nothing = waiting.inner("op", Inputs.NONE, progress -> {});
        waiting.cancel();
        assertTrue(nothing.isDone());
        assertTrue(waiting.isDone());
        assertTrue(waiting.inner("op", Inputs.NONE, progress -> {}).isCancelled());

        inner.fail(new CancelledException("by the test"));
        outer.fail(new CancelledException("by the test"));
    }

    @Test
    void aCallThatWaitsOnceMoreHasItsWholeTimeAgain() throws Exception {
        Call call = call();
        CompletableFuture<Boolean> asked = new CompletableFuture<>();
        call.deadline(Duration.ofMillis(100));
        call.begin(() -> asked.complete(true));
        call.began(RUNNER);
        call.queued(); // its worker died, and the op may be repeated
        CompletableFuture<AlcoveException> later = new CompletableFuture<>();
        new Deadline(bench.host(), Duration.ofMillis(200), later::complete).start();
        later.get();
        assertFalse(asked.isDone());
        assertEquals(State.QUEUED, call.status().state());
        call.began(RUNNER);
        asked.get();
        call.fail(new AlcoveException(ErrorKind.WORKER_DIED, "it was ended", null));
        assertEquals(ErrorKind.DEADLINE_EXCEEDED, assertThrows(AlcoveException.class, call::await).kind());
    }

    private Call call() {
        return new Call(bench.host(), "op", Inputs.NONE, progress -> {});
    }
}
