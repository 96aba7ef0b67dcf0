package org.alcove;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Requests to one worker and their answers; each gets exactly one. When the worker is gone, the oldest unanswered
 * request, which ran, fails, and those that were only queued go elsewhere.
 */
final class Requests {
    /** Somebody who waits for the answer to a request. Mostly called on the reading thread: be quick. */
    interface Requester {
        void succeeded(Map<String, Object> result);

        void failed(AlcoveException failure);

        default void progress(Double fraction, String message, Map<String, Object> details) {}

        /** The worker died before it began with the request. */
        default void unstarted(AlcoveException failure) {
            failed(failure);
        }

        /** Nobody waits any longer, but the worker may still come to the request. */
        default void abandoned(AlcoveException failure) {
            failed(failure);
        }
    }

    private final Connection connection;
    private final CancellableLock sending = new CancellableLock(); // ids go out in ascending order
    private final Map<Long, Pending> pending = new LinkedHashMap<>(); // guarded by itself, oldest first
    private long lastId;
    private volatile AlcoveException end;
    private AlcoveException endOnceIdle; // guarded by pending, as is the next
    private Runnable onceIdle;

    /** A request without an answer; that to some may come before those to older ones. */
    private record Pending(Requester requester, boolean mayOvertake) {}

    Requests(Connection connection) {
        this.connection = connection;
    }

    /**
     * Sends a request; the answer goes to {@code requester}.
     *
     * @param cancelled is asked while the request waits for those before it, which a full pipe may hold up
     * @param before hears of the request's id before anything else happens, and may throw to hold the request back
     */
    void send(String method, Json.Writer params, Requester requester, BooleanSupplier cancelled, LongConsumer before) {
        sending.lock(cancelled, "waiting for the worker to read");
        try {
            long id = ++lastId;
            byte[] line = message(method, id, params);
            before.accept(id);
            if (!enqueue(id, new Pending(requester, method.equals("status")))) {
                requester.unstarted(end);
                return;
            }
            try {
                connection.send(line);
            } catch (IOException e) {
                // The worker is dying, and its death answers everybody who waits.
            } catch (AlcoveException tooLarge) {
                synchronized (pending) {
                    pending.remove(id);
                }
                throw tooLarge;
            }
        } finally {
            sending.unlock();
        }
    }

    private boolean enqueue(long id, Pending request) {
        synchronized (pending) {
            if (end == null) {
                pending.put(id, request);
            }
            return end == null;
        }
    }

    void notify(String method, Json.Writer params) {
        try {
            connection.send(message(method, 0, params));
        } catch (IOException e) {
            // It is gone, and so is what it should be told.
        }
    }

    /** Asks the worker to end a request; the question never overtakes the request. Waits while the pipe is full. */
    void cancel(long id) {
        sending.lock();
        try {
            notify("cancel", json -> {
                json.writeStartObject();
                json.writeNumberField("id", id);
                json.writeEndObject();
            });
        } finally {
            sending.unlock();
        }
    }

    /**
     * A message of the worker's: an answer, progress, or blocks that it has dropped, which {@code forgotten} hears of.
     *
     * @throws AlcoveException {@link ErrorKind#PROTOCOL_VIOLATION}, when whoever waited for this answer has heard of it
     */
    void received(Map<String, Object> message, Consumer<List<String>> forgotten) {
        Map<String, Object> params = Tree.object(message.get("params"));
        if (!message.containsKey("method")) {
            answered(message);
            endIfIdle();
        } else if (!(message.get("method") instanceof String method) || message.containsKey("id")) {
            throw Connection.violation("a request, which is for the host to send");
        } else if (method.equals("progress")) {
            progressed(params);
        } else if (method.equals("forget")) {
            forgotten.accept(Tree.strings(params.get("blocks")));
        }
    }

    private void answered(Map<String, Object> message) {
        if (message.get("id") == null && message.get("error") instanceof Map<?, ?> error) {
            AlcoveException violation =
                    Connection.violation("a complaint about a message that it could not read: " + error.get("message"));
            end(violation).forEach(requester -> requester.failed(violation));
            throw violation;
        }
        Pending request;
        boolean isItsTurn;
        synchronized (pending) {
            Long id = message.get("id") instanceof Long number ? number : null;
            boolean isOldest = !pending.isEmpty() && pending.keySet().iterator().next().equals(id);
            request = pending.remove(id);
            isItsTurn = isOldest || request != null && request.mayOvertake();
        }
        if (request == null) {
            throw Connection.violation("a reply that nobody waits for");
        }
        Requester requester = request.requester();
        try {
            answer(requester, message, isItsTurn);
        } catch (RuntimeException | Error e) {
            // Nobody else would tell the requester that what came made no sense.
            AlcoveException failure = e instanceof AlcoveException violation
                    ? violation
                    : Connection.violation("a reply that makes no sense: " + e);
            requester.failed(failure);
            throw failure;
        }
    }

    private static void answer(Requester requester, Map<String, Object> message, boolean isItsTurn) {
        if (message.containsKey("error") == message.containsKey("result")) {
            throw Connection.violation("a reply that has not one of result and error");
        }
        if (message.containsKey("error")) {
            AlcoveException failure = failure(Tree.object(message.get("error")));
            if (!isItsTurn && failure.kind() != ErrorKind.CANCELLED) {
                throw Connection.violation("the error of a request before its turn: " + failure.getMessage());
            }
            requester.failed(failure);
        } else if (!isItsTurn || !(message.get("result") instanceof Map<?, ?>)) {
            throw Connection.violation(isItsTurn ? "a result that is no object" : "a result before its turn");
        } else {
            requester.succeeded(Tree.object(message.get("result")));
        }
    }

    /**
     * The failure that a worker's error stands for.
     *
     * @throws AlcoveException {@link ErrorKind#PROTOCOL_VIOLATION} when it stands for none
     */
    static AlcoveException failure(Map<String, Object> error) {
        Object kind = Tree.object(error.get("data")).get("kind");
        // The kinds from NOT_INITIALIZED on are the host's own to find.
        if (!(kind instanceof String word) || ErrorKind.ofWord(word).compareTo(ErrorKind.NOT_INITIALIZED) > 0) {
            throw Connection.violation("an error of a kind that is none of a worker's: " + error.get("message"));
        }
        return AlcoveException.fromWorker(error);
    }

    private void progressed(Map<String, Object> params) {
        Pending request;
        synchronized (pending) {
            request = pending.get(Tree.number(params.get("id"), 0));
        }
        if (request != null) {
            Double fraction = Tree.decimal(params.get("fraction"));
            boolean known = fraction != null && fraction >= 0 && fraction <= 1;
            request.requester().progress(
                    known ? fraction : null, params.get("message") instanceof String text ? text : "", details(params));
        }
    }

    /** The details in the params of {@code progress}: what the protocol allows there, and nothing else. */
    static Map<String, Object> details(Map<String, Object> params) {
        Map<String, Object> details = new LinkedHashMap<>(Tree.object(params.get("details")));
        details.values().removeIf(value -> !(value == null
                || value instanceof String
                || value instanceof Number
                || value instanceof Boolean));
        return details;
    }

    /**
     * Gives up a request that did not listen to its cancel. One that is queued fails at once, and what comes of it
     * later is ignored. For the one that runs this returns true: it fails so when the worker is ended.
     */
    boolean abandon(long id, AlcoveException failure) {
        Pending request;
        synchronized (pending) {
            request = pending.get(id);
            if (request == null) {
                return false;
            }
            if (pending.keySet().iterator().next() == id) {
                pending.put(id, new Pending(new Abandoned(request.requester(), failure), request.mayOvertake()));
                return true;
            }
        }
        request.requester().abandoned(failure);
        return false;
    }

    /**
     * Turns requests away from the moment on when none waits for an answer, which may be now.
     *
     * @param then is done at that moment, on the reading thread maybe, before any request is turned away
     */
    void endWhenIdle(AlcoveException failure, Runnable then) {
        synchronized (pending) {
            endOnceIdle = failure;
            onceIdle = then;
        }
        endIfIdle();
    }

    private void endIfIdle() {
        synchronized (pending) {
            if (onceIdle != null && pending.isEmpty() && end == null) {
                onceIdle.run();
                end = endOnceIdle;
            }
        }
    }

    /** The worker is gone: the oldest request fails so, the others have not begun. */
    void workerGone(AlcoveException failure) {
        List<Requester> unanswered = end(failure);
        for (int i = 0; i < unanswered.size(); i++) {
            if (i == 0) {
                unanswered.get(i).failed(failure);
            } else {
                unanswered.get(i).unstarted(failure);
            }
        }
    }

    private List<Requester> end(AlcoveException failure) {
        synchronized (pending) {
            end = failure;
            List<Requester> unanswered = pending.values().stream().map(Pending::requester).toList();
            pending.clear();
            return unanswered;
        }
    }

    private static byte[] message(String method, long id, Json.Writer params) {
        return Json.line(json -> {
            json.writeStartObject();
            json.writeStringField("jsonrpc", "2.0");
            if (id > 0) {
                json.writeNumberField("id", id);
            }
            json.writeStringField("method", method);
            json.writeFieldName("params");
            params.write(json);
            json.writeEndObject();
        });
    }

    /** Waits for the end of the worker, and knows the reason better than its exit code does. */
    private record Abandoned(Requester requester, AlcoveException failure) implements Requester {
        @Override
        public void succeeded(Map<String, Object> result) {
            requester.succeeded(result);
        }

        @Override
        public void failed(AlcoveException other) {
            requester.failed(failure);
        }
    }
}
