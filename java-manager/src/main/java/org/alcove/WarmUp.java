package org.alcove;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Has workers started and an op file loaded in each, before the calls come that need them. */
final class WarmUp extends Errand {
    private final Callee callee;
    private final Queue<Call> loading = new ConcurrentLinkedQueue<>();

    WarmUp(Callee callee, CallSettings settings, Call call) {
        super(call, callee.source(), Thread.currentThread(), settings.workers());
        this.callee = callee;
    }

    /** Waits until all is there; a cancel of the call ends that. */
    void run(int workers) {
        Launch.using(() -> callee.preparation().now(call), launch -> {
            List<CompletableFuture<Void>> all = callee.workers().atLeast(workers, launch, callee.usesGpu(), this).stream()
                    .map(ready -> ready.thenAcceptAsync(this::load, callee.host().executor()))
                    .toList();
            CompletableFuture<Void> every = CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
            CompletableFuture<Void> cancelled = new CompletableFuture<>();
            if (call.begin(() -> {
                cancelled.completeExceptionally(call.endReason());
                loading.forEach(Call::cancel);
            })) {
                throw new CancelledException("cancelled before it began");
            }
            return joined(CompletableFuture.anyOf(every, cancelled));
        });
    }

    private static Object joined(CompletableFuture<Object> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof AlcoveException failure ? failure.thrownHere() : e;
        }
    }

    private void load(Seat seat) {
        Call inner = new Call(callee.host(), callee.name(), Inputs.NONE, progress -> {});
        loading.add(inner);
        try {
            seat.worker().load(source, callee.name(), inner, callee.grace());
        } finally {
            inner.succeed(new Outputs(Map.of()));
        }
    }

    @Override
    void begin(Turn turn) {
        turn.end(); // it takes none
    }

    @Override
    void refuse(AlcoveException failure) {
        // The futures of its workers tell it.
    }
}
