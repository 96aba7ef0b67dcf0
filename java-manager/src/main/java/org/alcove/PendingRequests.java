package org.alcove;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The requests to one worker that have no answer yet, oldest first. The oldest is the one that the worker works on; left out
 * of that are those whose answers may come before those to older ones.
 */
final class PendingRequests {
    private static final long MILLISECONDS_TO_WRITE = 1000; // into the pipe of a process that has ended

    private final Map<Long, Pending> requests = new LinkedHashMap<>(); // guarded by this, as are the next
    private AlcoveException end;
    private AlcoveException endOnceIdle;
    private Runnable onceIdle;

    /** What has become of a request's line; half a line is never run. */
    private enum Line {
        BEING_WRITTEN,
        WRITTEN,
        LOST
    }

    private static final class Pending {
        private final boolean mayOvertake;
        private Requests.Requester requester;
        private boolean begun;
        private Line line = Line.BEING_WRITTEN;

        Pending(Requests.Requester requester, boolean mayOvertake) {
            this.requester = requester;
            this.mayOvertake = mayOvertake;
        }
    }

    /** A request that has got its answer, and whether that came when it might. */
    record Answered(Requests.Requester requester, boolean isItsTurn) {}

    /** All that have no answer at the end: the one that the worker had, or null, and those that it has not begun. */
    record Unanswered(Requests.Requester ran, List<Requests.Requester> others) {}

    /** Adds one whose line will be written now; returns why there can be none any more, else null. */
    synchronized AlcoveException add(long id, Requests.Requester requester, boolean mayOvertake) {
        if (end == null) {
            requests.put(id, new Pending(requester, mayOvertake));
        }
        return end;
    }

    synchronized boolean areThere() {
        return !requests.isEmpty();
    }

    /** Its line has been written, or could not be. */
    synchronized void written(long id, boolean isWhole) {
        Pending request = requests.get(id);
        if (request != null) {
            request.line = isWhole ? Line.WRITTEN : Line.LOST;
        }
        notifyAll();
    }

    /** The oldest, when the worker has begun with it since this was last asked; else null. */
    synchronized Requests.Requester begun() {
        Pending oldest = oldest();
        if (oldest == null || oldest.begun) {
            return null;
        }
        oldest.begun = true;
        return oldest.requester;
    }

    /** Takes out the one that an answer is for; null when nobody waits for it. */
    synchronized Answered answered(Object id) {
        Pending oldest = oldest();
        Pending request = id instanceof Long number ? requests.remove(number) : null;
        return request == null ? null : new Answered(request.requester, request == oldest || request.mayOvertake);
    }

    /** Who waits for the answer to a request; null when nobody does. */
    synchronized Requests.Requester requester(Object id) {
        Pending request = id instanceof Long number ? requests.get(number) : null;
        return request == null ? null : request.requester;
    }

    /** As {@link Requests#abandon}. */
    boolean abandon(long id, AlcoveException failure) {
        Pending request;
        synchronized (this) {
            request = requests.get(id);
            if (request == null) {
                return false;
            }
            if (request == oldest()) {
                request.requester = new Abandoned(request.requester, failure);
                return true;
            }
        }
        request.requester.abandoned(failure);
        return false;
    }

    /** As {@link Requests#endWhenIdle}. */
    synchronized void endWhenIdle(AlcoveException failure, Runnable then) {
        endOnceIdle = failure;
        onceIdle = then;
        endIfIdle();
    }

    synchronized void endIfIdle() {
        if (onceIdle != null && requests.isEmpty() && end == null) {
            onceIdle.run();
            end = endOnceIdle;
        }
    }

    /** From now on there are none. The worker is gone: waits for whoever is just finding that out by writing to it. */
    synchronized Unanswered end(AlcoveException failure) {
        end = failure; // nobody comes to wait any more
        Pending oldest = oldest();
        if (oldest != null) {
            awaitWriter(oldest);
        }
        Requests.Requester ran = oldest == null || oldest.line == Line.LOST ? null : oldest.requester;
        List<Requests.Requester> others = new ArrayList<>();
        requests.values().stream().map(request -> request.requester).filter(each -> each != ran).forEach(others::add);
        requests.clear();
        return new Unanswered(ran, others);
    }

    private void awaitWriter(Pending request) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MILLISECONDS_TO_WRITE);
        try {
            while (request.line == Line.BEING_WRITTEN && System.nanoTime() < until) {
                TimeUnit.NANOSECONDS.timedWait(this, until - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Pending oldest() {
        for (Pending each : requests.values()) {
            if (!each.mayOvertake) {
                return each;
            }
        }
        return null;
    }

    /** Waits for the end of the worker, and knows the reason better than its exit code does. */
    private record Abandoned(Requests.Requester requester, AlcoveException failure) implements Requests.Requester {
        @Override
        public void succeeded(Map<String, Object> result) {
            requester.succeeded(result);
        }

        @Override
        public void failed(AlcoveException other) {
            requester.failed(failure);
        }

        @Override
        public Consumer<LogLine> log() {
            return requester.log();
        }
    }
}
