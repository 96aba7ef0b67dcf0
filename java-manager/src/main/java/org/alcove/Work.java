package org.alcove;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** A request on behalf of a call. While the worker is at it, that is known. */
final class Work implements Requests.Requester {
    private final String what;
    private final Requests.Requester requester;
    private final AtomicReference<Work> running;
    private final WorkerEvents events;
    private final boolean isReadByCaller;

    /**
     * @param what an op's id, or what else is done
     * @param running where it stands while the worker is at it
     */
    Work(
            String what,
            Requests.Requester requester,
            AtomicReference<Work> running,
            WorkerEvents events,
            boolean isReadByCaller) {
        this.what = what;
        this.isReadByCaller = isReadByCaller;
        this.requester = requester;
        this.running = running;
        this.events = events;
    }

    String what() {
        return what;
    }

    @Override
    public boolean isReadByCaller() {
        return isReadByCaller;
    }

    @Override
    public void began() {
        running.set(this);
        events.busy(what);
        requester.began();
    }

    private void ended() {
        if (running.compareAndSet(this, null)) {
            events.idle();
        }
    }

    @Override
    public void succeeded(Map<String, Object> result) {
        ended();
        requester.succeeded(result);
    }

    @Override
    public void failed(AlcoveException failure) {
        ended();
        requester.failed(failure);
    }

    @Override
    public void abandoned(AlcoveException failure) {
        ended();
        requester.abandoned(failure);
    }

    @Override
    public void unstarted(AlcoveException failure) {
        ended();
        requester.unstarted(failure);
    }

    @Override
    public void progress(Double fraction, String message, Map<String, Object> details) {
        requester.progress(fraction, message, details);
    }

    @Override
    public Consumer<LogLine> log() {
        return requester.log();
    }
}
