package org.alcove;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a worker how it is. A frozen one does not answer and cannot even take in what it is asked: only one question is
 * under way at a time, and whoever asks meanwhile waits for the same answer.
 */
final class Pulse {
    private final Requests requests;
    private final Executor executor;
    private CompletableFuture<Map<String, Object>> asked; // guarded by this

    /** {@code executor} is for what waits while the worker's pipe is full. */
    Pulse(Requests requests, Executor executor) {
        this.requests = requests;
        this.executor = executor;
    }

    /** What the worker says of itself; empty when it says nothing within the time, or is gone. */
    Optional<Map<String, Object>> take(long milliseconds) {
        try {
            return Optional.of(ask().get(milliseconds, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        }
    }

    private synchronized CompletableFuture<Map<String, Object>> ask() {
        if (asked == null || asked.isDone()) {
            CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
            asked = answer;
            executor.execute(() -> send(answer));
        }
        return asked;
    }

    private void send(CompletableFuture<Map<String, Object>> answer) {
        requests.send("status", json -> {
            json.writeStartObject();
            json.writeEndObject();
        }, new Requests.Requester() {
            @Override
            public void succeeded(Map<String, Object> result) {
                answer.complete(result);
            }

            @Override
            public void failed(AlcoveException failure) {
                answer.completeExceptionally(failure);
            }
        }, answer::isDone, id -> {});
    }
}
