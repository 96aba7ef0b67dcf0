package org.alcove;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** An errand of somebody who waits for a worker, to do with it what they like. */
final class Hold extends Errand {
    private final WorkerPool pool;
    private final CompletableFuture<Turn> turn = new CompletableFuture<>();

    Hold(WorkerPool pool, Call call, OpSource source) {
        super(call, source, Thread.currentThread(), 0);
        this.pool = pool;
    }

    @Override
    boolean isUrgent() {
        return true;
    }

    /** Waits for the turn, which then is the caller's to end. */
    Turn await() {
        if (call.begin(this::giveUp)) {
            giveUp();
        }
        try {
            return turn.get();
        } catch (InterruptedException e) {
            giveUp();
            turn.thenAccept(Turn::end); // which may just have come
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while waiting for a worker");
        } catch (ExecutionException e) {
            throw ((AlcoveException) e.getCause()).thrownHere();
        }
    }

    private void giveUp() {
        if (pool.withdraw(this)) {
            turn.completeExceptionally(new CancelledException("cancelled while waiting for a worker"));
        }
    }

    @Override
    void begin(Turn given) {
        turn.complete(given);
    }

    @Override
    void refuse(AlcoveException failure) {
        turn.completeExceptionally(failure);
    }
}
