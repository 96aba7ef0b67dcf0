package org.alcove;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The workers of one launch and the errands that wait for them. Who gets which worker is decided here, who starts and stops
 * them is the pool's business. All of it is guarded by the pool, whose lock is held shortly: nothing here blocks.
 */
final class WorkerGroup {
    /** So long an errand waits for a worker that is there; after it, another one is started, or loads what the errand needs. */
    static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(50);

    /** When calls came one at a time for so long, the next one may have all cores. */
    private static final long CALM = TimeUnit.SECONDS.toNanos(10);

    private static final long AFTER_FAILED_START = TimeUnit.SECONDS.toNanos(30);
    /** What an errand fails with whose worker ends. */
    private static final Set<ErrorKind> MORTAL = EnumSet.of(ErrorKind.WORKER_DIED, ErrorKind.PROTOCOL_VIOLATION);

    private final WorkerPool pool;
    private final PoolSettings settings;
    private final Launch launch;
    private final List<GpuSlot> slots;
    private final Deaths deaths = new Deaths(System::nanoTime);
    private final Seats seats;
    private final CallQueue queue = new CallQueue();
    private final CallQueue urgent = new CallQueue();
    private final RunTimes times = new RunTimes();
    private final WorkerLimit limit;
    private volatile boolean hasDied;
    private boolean outdated;
    private boolean timerRuns;
    private boolean growing;
    private long readySince;
    private long crowdedAt = System.nanoTime() - CALM;
    private long noStartBefore = System.nanoTime();

    /** {@code slots} are the graphics cards that its workers are bound to, one each; none for ops that use none. */
    WorkerGroup(WorkerPool pool, Launch launch, List<GpuSlot> slots) {
        this.pool = pool;
        this.settings = pool.settings();
        this.launch = launch;
        this.slots = slots;
        this.seats = new Seats(settings);
        this.limit = new WorkerLimit(settings, launch.isSingle(), slots.size());
    }

    Launch launch() {
        return launch;
    }

    Deaths deaths() {
        return deaths;
    }

    boolean isEmpty() {
        return seats.isEmpty() && queue.isEmpty() && urgent.isEmpty();
    }

    List<Seat> seats() {
        return seats.all();
    }

    List<Seat> openSeats() {
        return seats.open();
    }

    /** Whether a worker has died, or could not be started: only then is anything refused. */
    boolean hasDied() {
        return hasDied;
    }

    /** Why errands that need this source are refused, after too many deaths. */
    Optional<AlcoveException> refusal(OpSource source) {
        return hasDied ? deaths.refusal(versionOf(source)) : Optional.empty();
    }

    /** Equal for the same version of a source; null when it is not there any more. */
    private static Object versionOf(OpSource source) {
        try {
            return source == null ? null : List.of(source.value(), source.version());
        } catch (AlcoveException gone) {
            return null;
        }
    }

    /**
     * A turn at once when a worker is free, else null: then it waits here.
     *
     * @param goes whether somebody has a thread for it; else it has to wait anyway, for the thread that feeds the worker
     */
    Turn take(Errand errand, Predicate<Seat> goes) {
        long now = System.nanoTime();
        errand.waitsSince(now);
        limit.came(errand);
        Seat seat = errand.isUrgent() || queue.isEmpty() && urgent.isEmpty()
                ? seats.best(errand.source, times.expected(errand.timedAs()), each -> mayTake(each, errand, now))
                : null;
        if (seat != null && goes.test(seat)) {
            return turn(seat, errand, now);
        }
        (errand.isUrgent() ? urgent : queue).add(errand);
        if (seat != null) {
            pool.feed(this, seat);
        } else if (errand.isUrgent()) {
            start(true);
        } else {
            arrange();
        }
        return null;
    }

    /** Takes it out of the queue; false when it has had its turn, or still has it. */
    boolean withdraw(Errand errand) {
        boolean waited = queue.remove(errand) || urgent.remove(errand);
        if (waited) {
            limit.left(errand);
        }
        return waited;
    }

    private boolean mayTake(Seat seat, Errand errand, long now) {
        if (!seat.isOpen()) {
            return false;
        }
        if (!seat.isIdle()) {
            return !errand.isUrgent() && seat.pipelines(times.expected(errand.timedAs()), errand.source, now);
        }
        return (errand.isUrgent() || isSuited(seat, errand, now) && seats.busy() < limit.workers())
                && (seat.slot() == null || seat.slot().isFreeFor(this, seat));
    }

    /** Loading may take longer than waiting for a worker that has loaded it. */
    private boolean isSuited(Seat seat, Errand errand, long now) {
        return seat.hasLoaded(errand.source)
                || now - errand.waitingSince() >= PATIENCE
                || !seats.anyIsOpenAndHasLoaded(errand.source);
    }

    private Turn turn(Seat seat, Errand errand, long now) {
        Turn turn = new Turn(this, seat, errand, times.expected(errand.timedAs()));
        seat.begin(turn, now);
        if (seat.slot() != null) {
            seat.slot().take(this, seat);
        }
        if (seats.busy() > 1) {
            crowdedAt = now;
        } else if (now - crowdedAt > CALM && isNarrow(seat)) {
            pool.grow(this); // a wide one, for the next call
        }
        return turn;
    }

    /** Whether no worker here has all the cores that one alone may have. */
    private boolean isNarrow(Seat seat) {
        return slots.isEmpty()
                && !limit.isShared()
                && settings.width(seat.threads()) < settings.cores()
                && seats.count(each -> settings.width(each.threads()) == settings.cores()) == 0;
    }

    /** The next errand for a worker, of those that wait; null when there is none for it now. */
    Turn next(Seat seat) {
        long now = System.nanoTime();
        if (!seat.isOpen()) {
            return null;
        }
        Errand errand = seat.isIdle() ? urgent.poll(each -> mayTake(seat, each, now)) : null;
        if (errand == null && urgent.isEmpty()) {
            // While something is in the pipe, only the very next one may follow: others would keep it from ever beginning.
            Errand first = queue.first();
            Predicate<Errand> suits = seat.isIdle() ? each -> true : each -> each == first;
            errand = queue.poll(each -> suits.test(each) && mayTake(seat, each, now));
        }
        if (errand == null && seat.isIdle() && seat.slot() != null) {
            seat.slot().forget(this);
            seat.slot().leave(this, seat);
        }
        return errand == null ? null : turn(seat, errand, now);
    }

    void loaded(Turn turn) {
        synchronized (pool) {
            turn.seat().loadedFor(turn.errand());
        }
    }

    /** The worker, or whoever brought the errand to it, is done with it. */
    void end(Turn turn, long time, AlcoveException failure) {
        boolean answered = time != RunTimes.UNKNOWN;
        if (answered && hasDied) {
            deaths.succeeded(versionOf(turn.errand().source));
            pool.recovered(this);
        }
        synchronized (pool) {
            Seat seat = turn.seat();
            if (failure != null && MORTAL.contains(failure.kind())) {
                seat.failed(turn.errand().source, failure);
            }
            if (!turn.markEnded()) {
                return;
            }
            if (answered && turn.errand().timedAs() != null) {
                times.ran(turn.errand().timedAs(), time);
            }
            seat.end(turn, System.nanoTime());
            limit.left(turn.errand());
            if (seat.isIdle() && seat.slot() != null) {
                seat.slot().leave(this, seat);
            }
            if (seat.isIdle() && isSurplus(seat)) {
                pool.leave(seat, outdated);
                arrange();
            } else if (!(queue.isEmpty() && urgent.isEmpty()) && !seat.isWellFed()) {
                pool.feed(this, seat);
            }
        }
    }

    /** Whether the worker is not wanted any longer, once it has nothing to do. */
    private boolean isSurplus(Seat seat) {
        boolean tooWide = !queue.isEmpty() && settings.width(seat.threads()) > limit.share() && seats.openBeside(seat) > 0;
        boolean tooMany = seat.isExtra() && seats.openBeside(seat) >= limit.workers();
        return outdated && queue.isEmpty() || tooWide || tooMany;
    }

    /** Lets the workers on a slot take what waits. */
    void feedOn(GpuSlot slot) {
        List<Seat> there = seats.open().stream().filter(seat -> seat.slot() == slot).toList();
        if (there.isEmpty() || queue.isEmpty() && urgent.isEmpty()) {
            slot.forget(this);
            slot.leave(this, null);
        } else {
            there.forEach(seat -> pool.feed(this, seat));
        }
    }

    /** Has another worker started when what waits would wait too long. */
    void arrange() {
        if (queue.isEmpty() && urgent.isEmpty()) {
            return;
        }
        if (seats.alive() == 0) {
            start(false);
        } else if (missing() > 0) {
            pool.grow(this);
        } else {
            lookAgain();
        }
    }

    /** When errands have waited for long, workers that have to load first are better than none, and memory may be free again. */
    void lookAgain() {
        if (!timerRuns) {
            timerRuns = true;
            pool.later(TimeUnit.NANOSECONDS.toMillis(PATIENCE), () -> {
                synchronized (pool) {
                    timerRuns = false;
                    seats.idle().forEach(seat -> pool.feed(this, seat));
                    arrange();
                }
            });
        }
    }

    /** Marks that somebody finds out whether there is memory for another worker; false when somebody does already. */
    boolean beginGrowing() {
        boolean first = !growing;
        growing = true;
        return first;
    }

    /** Starts the workers that are wanted now, if there is room for them. */
    void grow(boolean hasRoom) {
        growing = false;
        int count = hasRoom ? Math.max(missing(), wantsWide() ? 1 : 0) : 0;
        for (int i = 0; i < count; i++) {
            start(false);
        }
        if (!queue.isEmpty()) {
            lookAgain();
        }
    }

    /** How many more workers should be started now, if memory allows. */
    private int missing() {
        long now = System.nanoTime();
        int starting = seats.starting();
        int most = Math.min(limit.workers() - seats.alive(), queue.size() - starting);
        if (most <= 0 || now - noStartBefore < 0) {
            return 0;
        }
        long expected = times.expected(queue.first().timedAs());
        if (expected != RunTimes.UNKNOWN) {
            return expected * queue.size() / Math.max(1, seats.alive() - starting) > PATIENCE ? most : 0;
        }
        boolean patient = now - readySince < PATIENCE || !queue.hasWaitedSince(now - PATIENCE);
        return starting > 0 || patient ? 0 : 1;
    }

    /** Whether a call should have a worker with all cores, in a group where all have less. */
    private boolean wantsWide() {
        return queue.isEmpty() && seats.busy() <= 1 && seats.alive() > 0 && seats.open().stream().allMatch(this::isNarrow);
    }

    /** What the first one in the queue needs in memory. */
    long memoryOfNext() {
        Errand first = queue.first();
        return first == null ? 0 : first.memory();
    }

    void start(boolean extra) {
        boolean beyond = extra && seats.alive() >= limit.workers();
        start(limit.isShared() || seats.alive() > 0 && !wantsWide() ? limit.share() : 0, beyond);
    }

    private void start(int threads, boolean extra) {
        GpuSlot slot = seats.freest(slots);
        Allotment allotment = new Allotment(threads, slot == null ? null : slot.card(), settings.workerMemory());
        Seat seat = new Seat(allotment, slot, extra);
        seats.add(seat);
        pool.start(this, seat);
    }

    /** Has workers started until there are so many; returns those that there are or will be. */
    List<Seat> atLeast(int count, Errand errand) {
        limit.came(errand);
        int most = Math.min(count, limit.workers());
        if (most > 1) {
            crowdedAt = System.nanoTime();
        }
        while (seats.alive() < most) {
            start(most > 1 || limit.isShared() ? limit.share() : 0, false);
        }
        limit.left(errand);
        return seats.all().stream()
                .filter(seat -> seat.isOpen() || seat.isStarting())
                .sorted(Comparator.comparing(seat -> !seat.hasLoaded(errand.source)))
                .limit(most)
                .toList();
    }

    /** A worker is there. */
    void ready(Seat seat) {
        long now = System.nanoTime();
        if (seats.open().isEmpty()) {
            readySince = now;
        }
        seat.arrived(now);
        if (outdated && queue.isEmpty() && urgent.isEmpty()) {
            pool.leave(seat, true);
        } else {
            pool.feed(this, seat);
        }
    }

    /** A worker could not be started; what waits goes on waiting when others are there. */
    List<Errand> startFailed(Seat seat, AlcoveException failure) {
        seats.remove(seat);
        if (seat.wasAtFault()) {
            hasDied = true;
            deaths.died(null, failure);
            noStartBefore = System.nanoTime() + AFTER_FAILED_START;
        }
        return seats.alive() > 0 ? List.of() : drain(errand -> true);
    }

    /** A worker is gone, of whatever. Returns what cannot be done any more. */
    List<Errand> gone(Seat seat) {
        seats.remove(seat);
        if (seat.slot() != null) {
            seat.slot().leave(this, seat);
        }
        if (seat.wasAtFault() && seat.failure() != null) {
            hasDied = true;
            deaths.died(versionOf(seat.victim()), seat.failure());
        }
        Map<OpSource, Boolean> refuses = new HashMap<>();
        List<Errand> refused = hasDied
                ? drain(errand -> refuses.computeIfAbsent(errand.source, source -> refusal(source).isPresent()))
                : List.of();
        arrange();
        return refused;
    }

    /** A newer environment has come: its workers leave as soon as they have nothing to do, and what waits may go there. */
    void outdate() {
        outdated = true;
        drain(Errand::goesElsewhere);
        seats.idle().forEach(seat -> pool.leave(seat, true));
    }

    /** Stops workers that suit, if they have nothing to do. */
    void dismiss(Predicate<Seat> suits) {
        seats.idle().stream().filter(suits).forEach(seat -> pool.leave(seat, outdated));
    }

    /** Takes out all that wait and suit. */
    List<Errand> drain(Predicate<Errand> suits) {
        List<Errand> all = new ArrayList<>(urgent.removeAll(suits));
        all.addAll(queue.removeAll(suits));
        all.forEach(limit::left);
        return all;
    }
}
