package org.alcove;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
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

        default void progress(Double fraction, String message) {}

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
    private final Map<Long, Requester> pending = new LinkedHashMap<>(); // guarded by itself, oldest first
    private long lastId;
    private volatile AlcoveException end;

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
            if (!enqueue(id, requester)) {
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

    private boolean enqueue(long id, Requester requester) {
        synchronized (pending) {
            if (end == null) {
                pending.put(id, requester);
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

    /** An answer of the worker's. */
    void answered(Map<String, Object> message) {
        Map<String, Object> error = Tree.object(message.get("error"));
        if (message.get("id") == null && !error.isEmpty()) {
            AlcoveException violation =
                    Connection.violation("a complaint about a message that it could not read: " + error.get("message"));
            end(violation).forEach(requester -> requester.failed(violation));
            throw violation;
        }
        Requester requester;
        synchronized (pending) {
            requester = message.get("id") instanceof Long id ? pending.remove(id) : null;
        }
        if (requester == null) {
            throw Connection.violation("a reply that nobody waits for");
        }
        if (!error.isEmpty()) {
            requester.failed(AlcoveException.fromWorker(error));
            return;
        }
        try {
            requester.succeeded(Tree.object(message.get("result")));
        } catch (RuntimeException | Error e) {
            // Nobody else would tell the requester that what came made no sense.
            AlcoveException failure = e instanceof AlcoveException violation
                    ? violation
                    : Connection.violation("a reply that makes no sense: " + e);
            requester.failed(failure);
            throw failure;
        }
    }

    void progressed(Map<String, Object> params) {
        Requester requester;
        synchronized (pending) {
            requester = pending.get(Tree.number(params.get("id"), 0));
        }
        if (requester != null) {
            requester.progress(
                    Tree.decimal(params.get("fraction")), String.valueOf(params.getOrDefault("message", "")));
        }
    }

    /**
     * Gives up a request that did not listen to its cancel. One that is queued fails at once, and what comes of it
     * later is ignored. For the one that runs this returns true: it fails so when the worker is ended.
     */
    boolean abandon(long id, AlcoveException failure) {
        Requester requester;
        synchronized (pending) {
            requester = pending.get(id);
            if (requester == null) {
                return false;
            }
            if (pending.keySet().iterator().next() == id) {
                pending.put(id, new Abandoned(requester, failure));
                return true;
            }
        }
        requester.abandoned(failure);
        return false;
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
            List<Requester> unanswered = new ArrayList<>(pending.values());
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
