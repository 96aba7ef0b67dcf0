package org.alcove;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Finds the environment for calls of an op, or makes it: for those that somebody's thread waits for on that thread, for all
 * others at once, on one thread.
 */
final class Preparation {
    private static final long NANOSECONDS_BELIEVED = TimeUnit.MILLISECONDS.toNanos(10);

    private final Host host;
    private final LaunchLook look;
    private final Runnable preparing = () -> FullHeap.outlast(this::prepareAll); // nobody else does it meanwhile
    private final Set<OpRun> waiting = new LinkedHashSet<>(); // guarded by this, as are the next
    private final Set<OpRun> underWay = new LinkedHashSet<>();
    private Call outer;
    private volatile boolean runs; // changed under this
    private volatile Known known;

    /** A launch that was found; when, and after how many changes. */
    private record Known(Launch launch, long time, long changes) {}

    Preparation(Host host, LaunchLook look) {
        this.host = host;
        this.look = look;
    }

    /** Finds the environment, or makes it, on the caller's thread. */
    Launch now(Call call) {
        long changes = look.changes();
        return know(look.now(call), changes);
    }

    /**
     * The launch, where it can be known at once; else null. What was found is believed for some milliseconds, as reading files
     * takes longer than a short op. Another program may remove the environment meanwhile, as it may after any look: then no
     * worker starts, and one looks again.
     */
    Launch known() {
        Known latest = known;
        long changes = look.changes();
        if (latest != null && latest.changes == changes && System.nanoTime() - latest.time < NANOSECONDS_BELIEVED) {
            return latest.launch;
        }
        return look.find().map(found -> know(found, changes)).orElse(null);
    }

    /** Whether nobody waits here, who would be overtaken by a call that goes to its pool at once. */
    boolean isEmpty() {
        return !runs;
    }

    private Launch know(Launch found, long changes) {
        Known latest = known;
        // The one before when it is equal, as that is quickly seen to be the same.
        Launch launch = latest != null && latest.launch.equals(found) ? latest.launch : found;
        known = new Known(launch, System.nanoTime(), changes);
        return launch;
    }

    /** Brings a call to its pool when its environment is there, or fails it. Returns at once. */
    void later(OpRun run) {
        synchronized (this) {
            waiting.add(run);
            if (runs) {
                return;
            }
            runs = true;
        }
        host.soon(preparing);
    }

    /** Takes a call out; false when it is not here any more. */
    boolean withdraw(OpRun run) {
        Call pointless;
        synchronized (this) {
            if (waiting.remove(run)) {
                return true;
            }
            if (!underWay.remove(run)) {
                return false;
            }
            pointless = underWay.isEmpty() ? outer : null;
        }
        if (pointless != null) {
            pointless.cancel();
        }
        return true;
    }

    private void prepareAll() {
        while (begin()) {
            try {
                Launch found = Call.around(host, this::tell, call -> {
                    synchronized (this) {
                        outer = call;
                    }
                    return now(call);
                });
                prepared().forEach(run -> run.submit(found));
            } catch (AlcoveException failure) {
                prepared().forEach(run -> run.refuse(failure));
            } catch (RuntimeException | Error failure) {
                FullHeap.awaitRoom();
                prepared().forEach(run -> run.refuse(OpRun.unsendable(host, run.call, failure)));
            }
        }
    }

    private synchronized boolean begin() {
        underWay.addAll(waiting);
        waiting.clear();
        runs = !underWay.isEmpty();
        return runs;
    }

    private synchronized List<OpRun> prepared() {
        List<OpRun> runs = new ArrayList<>(underWay);
        underWay.clear();
        outer = null;
        return runs;
    }

    private void tell(Progress progress) {
        List<OpRun> all;
        synchronized (this) {
            all = new ArrayList<>(underWay);
            all.addAll(waiting);
        }
        all.forEach(run -> run.call.report(progress));
    }
}
