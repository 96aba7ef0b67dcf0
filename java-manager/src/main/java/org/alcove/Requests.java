package org.alcove;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Requests to one worker and their answers; each gets exactly one. When the worker is gone, the oldest unanswered
 * request, which ran, fails, and those that were only queued go elsewhere.
 */
final class Requests {
    /** Somebody who waits for the answer to a request. Called by whoever reads: be quick. */
    interface Requester {
        void succeeded(Map<String, Object> result);

        void failed(AlcoveException failure);

        /** It is the oldest one without an answer, so the worker works on it as soon as it reads it. Comes first. */
        default void began() {}

        default void progress(Double fraction, String message, Map<String, Object> details) {}

        /** Who hears what is logged or printed on behalf of it; gone when nobody else holds it. */
        default Consumer<LogLine> log() {
            return NOBODY;
        }

        /** Whether whoever waits for the answer comes to read it, by {@link Connection#readUntil}, as soon as the request is sent. */
        default boolean isReadByCaller() {
            return false;
        }

        /** The worker died before it began with the request. */
        default void unstarted(AlcoveException failure) {
            failed(failure);
        }

        /** Nobody waits any longer, but the worker may still come to the request. */
        default void abandoned(AlcoveException failure) {
            failed(failure);
        }
    }

    private static final Consumer<LogLine> NOBODY = line -> {};

    /** More than an empty pipe takes on some system, so that writing it may last until the worker reads. */
    private static final int LONG_LINE = 4096;

    private static final long NO_REQUEST = 0;
    private static final byte[] NOTHING = {};

    private final Connection connection;
    private final Executor writers;
    private final CancellableLock sending = new CancellableLock(); // ids go out in ascending order
    private final PendingRequests pending = new PendingRequests();
    private final Releases releases = new Releases();
    private long lastId;
    // Weak, because the worker may be idle for long, and what its last caller listens with is the caller's.
    private volatile WeakReference<Consumer<LogLine>> latestLog = new WeakReference<>(NOBODY);

    /** {@code writers} is for lines that are so long that they may have to wait for the worker to read. */
    Requests(Connection connection, Executor writers) {
        this.connection = connection;
        this.writers = writers;
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
            connection.requireSendable(line);
            before.accept(id);
            AlcoveException end = pending.add(id, requester, method.equals("status"));
            if (end != null) {
                requester.unstarted(end);
                return;
            }
            boolean isAlone = beginOldest() == requester;
            if (!(isAlone && requester.isReadByCaller() && line.length <= LONG_LINE)) {
                connection.wakeReader();
            }
            write(behindReleases(line), id);
        } finally {
            sending.unlock();
        }
    }

    /** What waits to be released goes ahead of a line, in the same write where both are short. */
    private byte[] behindReleases(byte[] line) {
        byte[] ahead = releases();
        if (ahead.length == 0) {
            return line;
        } else if (ahead.length + line.length > LONG_LINE) {
            write(ahead, NO_REQUEST);
            return line;
        }
        byte[] both = Arrays.copyOf(ahead, ahead.length + line.length);
        System.arraycopy(line, 0, both, ahead.length, line.length);
        return both;
    }

    private byte[] releases() {
        List<String> blocks = releases.take();
        return blocks.isEmpty() ? NOTHING : message("release", NO_REQUEST, blocks(blocks));
    }

    /** The worker is to release blocks; it hears of that with the next request, or by {@link #sendReleases}. */
    void release(List<String> blocks) {
        releases.add(blocks);
    }

    void sendReleases() {
        sending.lock();
        try {
            write(releases(), NO_REQUEST);
        } finally {
            sending.unlock();
        }
    }

    /** The params of what says something about blocks. */
    static Json.Writer blocks(List<String> names) {
        return json -> {
            json.writeStartObject();
            json.writeFieldName("blocks");
            Values.write(json, names, "blocks");
            json.writeEndObject();
        };
    }

    /**
     * Nothing interrupts a thread that writes to a full pipe, so that a long line is written by another one: whoever waits
     * for the answer can be interrupted, and then cancels.
     */
    private void write(byte[] line, long id) {
        if (line.length == 0) {
            return;
        } else if (line.length <= LONG_LINE) {
            writeHere(line, id);
            return;
        }
        FutureTask<Void> writing = new FutureTask<>(() -> writeHere(line, id), null);
        try {
            writers.execute(writing);
        } catch (RuntimeException | Error e) { // there is no thread to be had
            writing.run();
        }
        try {
            writing.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void writeHere(byte[] line, long id) {
        try {
            connection.send(line);
            pending.written(id, true);
        } catch (IOException e) {
            pending.written(id, false); // the worker is dying, and its death answers everybody who waits
        }
    }

    /** Tells the oldest request that the worker works on it now, once; returns it, or null when nothing has begun. */
    private Requester beginOldest() {
        Requester oldest = pending.begun();
        if (oldest != null) {
            latestLog = new WeakReference<>(oldest.log());
            oldest.began();
        }
        return oldest;
    }

    /** Whether somebody waits for an answer. */
    boolean awaitsAnswers() {
        return pending.areThere();
    }

    void notify(String method, Json.Writer params) {
        try {
            connection.send(message(method, NO_REQUEST, params));
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
            pending.endIfIdle();
        } else if (!(message.get("method") instanceof String method) || message.containsKey("id")) {
            throw Connection.violation("a request, which is for the host to send");
        } else if (method.equals("progress")) {
            progressed(params);
        } else if (method.equals("log")) {
            Requester requester = pending.requester(params.get("id"));
            if (requester != null) {
                requester.log().accept(LogLine.of(params));
            }
        } else if (method.equals("forget")) {
            forgotten.accept(Tree.strings(params.get("blocks")));
        }
    }

    private void answered(Map<String, Object> message) {
        if (message.get("id") == null && message.get("error") instanceof Map<?, ?> error) {
            AlcoveException violation =
                    Connection.violation("a complaint about a message that it could not read: " + error.get("message"));
            PendingRequests.Unanswered unanswered = pending.end(violation);
            if (unanswered.ran() != null) {
                unanswered.ran().failed(violation);
            }
            unanswered.others().forEach(requester -> requester.failed(violation));
            throw violation;
        }
        PendingRequests.Answered request = pending.answered(message.get("id"));
        if (request == null) {
            throw Connection.violation("a reply that nobody waits for");
        }
        Requester requester = request.requester();
        try {
            answer(requester, message, request.isItsTurn());
        } catch (RuntimeException | Error e) {
            // Nobody else would tell the requester that what came made no sense.
            AlcoveException failure = e instanceof AlcoveException violation
                    ? violation
                    : Connection.violation("a reply that makes no sense: " + e);
            requester.failed(failure);
            throw failure;
        }
        beginOldest();
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
        Requester requester = pending.requester(params.get("id"));
        if (requester != null) {
            Double fraction = Tree.decimal(params.get("fraction"));
            boolean known = fraction != null && fraction >= 0 && fraction <= 1;
            requester.progress(
                    known ? fraction : null, params.get("message") instanceof String text ? text : "", details(params));
        }
    }

    /** A line that the worker has printed: for the request that runs, or the last one that did. */
    void printed(String text) {
        Consumer<LogLine> log = latestLog.get();
        if (log != null) {
            log.accept(LogLine.printed(text));
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
        return pending.abandon(id, failure);
    }

    /**
     * Turns requests away from the moment on when none waits for an answer, which may be now.
     *
     * @param then is done at that moment, by who reads maybe, before any request is turned away
     */
    void endWhenIdle(AlcoveException failure, Runnable then) {
        pending.endWhenIdle(failure, then);
    }

    /** The worker is gone: the oldest request fails so, unless it never reached it; the others have not begun. */
    void workerGone(AlcoveException failure) {
        PendingRequests.Unanswered unanswered = pending.end(failure);
        if (unanswered.ran() != null) {
            tell(unanswered.ran(), true, failure);
        }
        unanswered.others().forEach(requester -> tell(requester, false, failure));
    }

    /** Nobody else would tell it, however full the heap is, and whatever becomes of those before it. */
    private static void tell(Requester requester, boolean ran, AlcoveException failure) {
        while (true) {
            try {
                if (ran) {
                    requester.failed(failure);
                } else {
                    requester.unstarted(failure);
                }
                return;
            } catch (OutOfMemoryError e) {
                FullHeap.awaitRoom();
            }
        }
    }

    private static byte[] message(String method, long id, Json.Writer params) {
        return Json.line(json -> {
            json.writeStartObject();
            json.writeStringField("jsonrpc", "2.0");
            if (id != NO_REQUEST) {
                json.writeNumberField("id", id);
            }
            json.writeStringField("method", method);
            json.writeFieldName("params");
            params.write(json);
            json.writeEndObject();
        });
    }
}
