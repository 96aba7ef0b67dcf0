package org.alcove;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the environment for calls of an op, or makes it: for those that somebody's thread waits for on that thread, for all
 * others at once, on one thread.
 */
final class Preparation {
    private final Host host;
    private final Function<Call, Launch> launch;
    private final Runnable preparing = () -> FullHeap.outlast(this::prepareAll); // nobody else does it meanwhile
    private final Set<OpRun> waiting = new LinkedHashSet<>(); // guarded by this, as are the next
    private final Set<OpRun> underWay = new LinkedHashSet<>();
    private Call outer;
    private boolean runs;

    /** {@code launch} looks for the environment, on behalf of a call, and makes it where it is missing. */
    Preparation(Host host, Function<Call, Launch> launch) {
        this.host = host;
        this.launch = launch;
    }

    /** On the caller's thread. */
    Launch now(Call call) {
        return launch.apply(call);
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
                    return launch.apply(call);
                });
                if (submit(prepared(), found)) {
                    return;
                }
            } catch (AlcoveException failure) {
                prepared().forEach(run -> run.refuse(failure));
            } catch (RuntimeException | Error failure) {
                FullHeap.awaitRoom();
                prepared().forEach(run -> run.refuse(OpRun.unsendable(host, run.call, failure)));
            }
        }
    }

    /**
     * Brings them to their pool. One that is alone goes on to its worker on this thread, which is its own from then on.
     *
     * @return whether nothing is left to be prepared
     */
    private boolean submit(List<OpRun> prepared, Launch found) {
        if (prepared.size() != 1) {
            prepared.forEach(run -> run.submit(found, false));
            return false;
        }
        OpRun run = prepared.get(0);
        Turn turn = run.submit(found, true);
        if (turn == null) {
            return false;
        }
        boolean isLast = rest();
        if (isLast) {
            run.begin(turn);
        } else {
            host.soon(() -> run.begin(turn));
        }
        return isLast;
    }

    private synchronized boolean rest() {
        runs = !waiting.isEmpty();
        return !runs;
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
