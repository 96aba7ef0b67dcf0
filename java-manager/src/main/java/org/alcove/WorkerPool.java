package org.alcove;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The workers of one manager: started when calls need them, stopped when they have had nothing to do for long. Its monitor
 * guards all groups and seats; nothing blocks while it is held.
 */
final class WorkerPool {
    private static final double ROOM_FOR_ONE_MORE = 1.2;
    private static final long SECONDS_TO_STOP = 20; // what not even the kernel can end is left
    private static final long LEAST_MILLISECONDS_BETWEEN_LOOKS = 100;
    private static final long MOST_MILLISECONDS_BETWEEN_LOOKS = 10_000;

    private final Host host;
    private final PoolSettings settings;
    private final Supplier<FreeMemory> memory;
    private final Backlog backlog;
    private final Map<Key, WorkerGroup> groups = new LinkedHashMap<>();
    private final List<WorkerGroup> outdated = new ArrayList<>();
    private List<GpuSlot> gpus;
    private int count;
    private boolean looks;
    private boolean closed;

    /** Errands of one key can go to the same workers. */
    private record Key(Launch launch, boolean gpu) {
        boolean isOtherVersionOf(Key other) {
            return gpu == other.gpu && launch.isOtherVersionOf(other.launch);
        }
    }

    WorkerPool(Host host, PoolSettings settings) {
        this(host, settings, FreeMemory::now);
    }

    WorkerPool(Host host, PoolSettings settings, Supplier<FreeMemory> memory) {
        this.host = host;
        this.settings = settings;
        this.memory = memory;
        this.backlog = new Backlog(settings.queueLength());
        host.memory().onDropped(this::forget);
        host.workers().onReset(this::reset);
    }

    /** How many calls of whom wait. */
    Backlog backlog() {
        return backlog;
    }

    PoolSettings settings() {
        return settings;
    }

    /**
     * A turn at once when a worker is free, else null: then the errand waits, and is begun or refused later.
     *
     * @param goes whether its turn with a seat may be given to the caller; quick
     * @throws AlcoveException when workers of this launch have died too often
     */
    Turn submit(Launch launch, boolean gpu, Errand errand, Predicate<Seat> goes) {
        WorkerGroup group;
        synchronized (this) {
            group = group(launch, gpu);
            if (!group.hasDied()) {
                return take(group, errand, goes);
            }
        }
        group.refusal(errand.source).ifPresent(failure -> { // which looks at files
            throw failure.thrownHere();
        });
        synchronized (this) {
            return take(group(launch, gpu), errand, goes); // as somebody may have dropped the group meanwhile
        }
    }

    private Turn take(WorkerGroup group, Errand errand, Predicate<Seat> goes) {
        Turn turn = group.take(errand, goes);
        errand.waitsIn(turn == null ? group : null);
        return turn;
    }

    /** Takes an errand out of the queue; false when it waits no longer. */
    boolean withdraw(Errand errand) {
        synchronized (this) {
            WorkerGroup group = errand.waitsIn();
            return group != null && group.withdraw(errand);
        }
    }

    private WorkerGroup group(Launch launch, boolean gpu) {
        if (closed) {
            throw new IllegalStateException("Alcove is closed");
        }
        Key key = new Key(launch, gpu);
        WorkerGroup known = groups.get(key);
        if (known != null) {
            return known;
        }
        retireOtherVersions(key);
        WorkerGroup group = new WorkerGroup(this, launch, gpu ? gpus() : List.of());
        groups.put(key, group);
        return group;
    }

    private List<GpuSlot> gpus() {
        if (gpus == null) {
            gpus = settings.gpus().stream().map(GpuSlot::new).toList();
        }
        return gpus;
    }

    /** Only when workers of an older version of the environment are gone can it be removed. */
    private void retireOtherVersions(Key key) {
        for (Key other : groups.keySet().stream().filter(key::isOtherVersionOf).toList()) {
            WorkerGroup old = groups.remove(other);
            outdated.add(old);
            old.outdate();
        }
    }

    /**
     * Does something with a worker of its own: one that is idle, or another one. Its thread waits until that is there.
     *
     * @param source what it will load
     */
    <T> T with(Launch launch, Call call, OpSource source, Function<Worker, T> work) {
        Hold hold = new Hold(this, call, source);
        Turn turn = submit(launch, false, hold, seat -> true);
        if (turn == null) {
            turn = hold.await();
        }
        try {
            T result = work.apply(turn.worker());
            turn.loaded();
            turn.answered();
            return result;
        } catch (AlcoveException failure) {
            turn.failed(failure);
            throw failure;
        } finally {
            turn.end();
        }
    }

    /** Has workers started until there are so many; returns a future for each, done when it is there. */
    List<CompletableFuture<Seat>> atLeast(int wanted, Launch launch, boolean gpu, Errand errand) {
        synchronized (this) {
            return group(launch, gpu).atLeast(wanted, errand).stream().map(Seat::ready).toList();
        }
    }

    /** Starts a worker for a seat that a group has made. */
    void start(WorkerGroup group, Seat seat) {
        String prefix = host.memory().prefix() + "-w" + ++count + "-";
        host.soon(() -> {
            try {
                Worker worker = Worker.begin(group.launch(), seat.allotment(), host, prefix);
                seat.begun(worker);
                if (isClosed()) {
                    worker.stop();
                }
                worker.ready().whenComplete((same, failure) -> {
                    FullHeap.awaitRoom(); // what is not told here is told by nobody
                    if (failure == null) {
                        ready(group, seat);
                    } else {
                        startFailed(group, seat, (AlcoveException) failure);
                    }
                });
            } catch (AlcoveException failure) {
                startFailed(group, seat, failure);
            } catch (RuntimeException | Error failure) {
                FullHeap.awaitRoom();
                startFailed(group, seat, new AlcoveException(
                        ErrorKind.START_FAILED, "the worker could not be started: " + failure, "try again"));
            }
        });
        lookLater();
    }

    private void ready(WorkerGroup group, Seat seat) {
        synchronized (this) {
            group.ready(seat);
        }
        seat.worker().gone().thenRun(() -> gone(group, seat));
        seat.ready().complete(seat);
    }

    private void startFailed(WorkerGroup group, Seat seat, AlcoveException failure) {
        List<Errand> refused;
        synchronized (this) {
            refused = group.startFailed(seat, failure);
            dropEmpty(group);
        }
        tellIfFailed(group, null);
        refused.forEach(errand -> errand.refuse(failure));
        seat.ready().completeExceptionally(failure);
        (seat.worker() == null ? CompletableFuture.<Void>completedFuture(null) : seat.worker().gone())
                .thenRun(() -> seat.over().complete(null));
    }

    private void gone(WorkerGroup group, Seat seat) {
        FullHeap.awaitRoom();
        List<Errand> refused;
        synchronized (this) {
            refused = group.gone(seat);
            dropEmpty(group);
        }
        tellIfFailed(group, seat.victim());
        for (Errand errand : refused) {
            group.refusal(errand.source).ifPresent(errand::refuse);
        }
        seat.over().complete(null);
    }

    private void tellIfFailed(WorkerGroup group, OpSource victim) {
        group.refusal(victim).ifPresent(failure -> host.workers().failed(group.launch(), failure));
    }

    private void dropEmpty(WorkerGroup group) {
        if (group.isEmpty()) {
            outdated.remove(group);
        }
    }

    /** Gives a worker what waits for it, until nothing does: on one thread for each worker, which it may block. */
    void feed(WorkerGroup group, Seat seat) {
        if (seat.beginFeeding()) {
            Runnable feeding = () -> feedAll(group, seat);
            host.soon(() -> FullHeap.outlast(feeding)); // nobody else feeds it meanwhile
        }
    }

    private void feedAll(WorkerGroup group, Seat seat) {
        while (true) {
            Turn turn;
            synchronized (this) {
                turn = group.next(seat);
                if (turn == null) {
                    seat.endFeeding();
                    return;
                }
                turn.errand().waitsIn(null);
            }
            turn.errand().begin(turn);
        }
    }

    /** Finds out whether memory allows another worker, and has it started then. */
    void grow(WorkerGroup group) {
        if (group.beginGrowing()) {
            host.soon(() -> {
                boolean hasRoom = hasRoom(group);
                synchronized (this) {
                    group.grow(hasRoom && !closed);
                }
            });
        }
    }

    private boolean hasRoom(WorkerGroup group) {
        List<Worker> workers;
        long needed;
        synchronized (this) {
            workers = group.openSeats().stream().map(Seat::worker).toList();
            needed = group.memoryOfNext();
        }
        long largest = workers.stream().mapToLong(worker -> worker.usage().memoryBytes()).max().orElse(0);
        return memory.get().available() >= Math.max(needed, (long) (ROOM_FOR_ONE_MORE * largest));
    }

    /** Stops a worker that has nothing to do. */
    void leave(Seat seat, boolean isOutdated) {
        if (seat.leave()) {
            host.soon(isOutdated ? seat.worker()::retire : seat.worker()::stop);
        }
    }

    void later(long milliseconds, Runnable action) {
        host.later(milliseconds, action);
    }

    private void lookLater() {
        if (!looks && !closed) {
            looks = true;
            long period = settings.idleTime().toMillis() / 4;
            host.later(
                    Math.max(LEAST_MILLISECONDS_BETWEEN_LOOKS, Math.min(MOST_MILLISECONDS_BETWEEN_LOOKS, period)),
                    this::dismissIdle);
        }
    }

    /** Stops workers that had nothing to do for long, and when memory is short the one that had so for longest. */
    private void dismissIdle() {
        boolean isShort = memory.get().isShort();
        synchronized (this) {
            looks = false;
            long now = System.nanoTime();
            long then = now - settings.idleTime().toNanos();
            List<WorkerGroup> all = all().toList();
            all.forEach(group -> group.dismiss(seat -> seat.isIdleSince(then)));
            if (isShort) {
                all.stream()
                        .flatMap(group -> group.seats().stream())
                        .filter(seat -> seat.isIdleSince(now))
                        .min(Comparator.comparingLong(seat -> seat.lastUsed() - now))
                        .ifPresent(coldest -> all.forEach(group -> group.dismiss(seat -> seat == coldest)));
            }
            if (all.stream().anyMatch(group -> !group.seats().isEmpty())) {
                lookLater();
            }
        }
    }

    /** A worker of a group in which some died has answered. */
    void recovered(WorkerGroup group) {
        if (!group.deaths().isFailed()) {
            host.workers().reset(group.launch());
        }
    }

    private Stream<WorkerGroup> all() {
        return Stream.of(groups.values(), outdated).flatMap(Collection::stream);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private boolean reset(String environment) {
        List<WorkerGroup> failed;
        synchronized (this) {
            failed = groups.values().stream()
                    .filter(group -> group.launch().name().equals(environment) && group.deaths().isFailed())
                    .toList();
        }
        failed.forEach(group -> {
            group.deaths().reset();
            host.workers().reset(group.launch());
        });
        return !failed.isEmpty();
    }

    /** Stops all workers and waits until they are gone. */
    void close() {
        List<Seat> seats;
        List<Errand> waiting = new ArrayList<>();
        synchronized (this) {
            closed = true;
            seats = all().flatMap(group -> group.seats().stream()).toList();
            all().forEach(group -> waiting.addAll(group.drain(errand -> true)));
        }
        waiting.forEach(errand -> errand.refuse(new CancelledException("cancelled: Alcove is closed")));
        seats.forEach(seat -> Optional.ofNullable(seat.worker()).ifPresent(Worker::stop));
        seats.forEach(seat -> seat.over().copy().completeOnTimeout(null, SECONDS_TO_STOP, TimeUnit.SECONDS).join());
    }

    private void forget(List<String> blocks) {
        List<Worker> living;
        synchronized (this) {
            living = all().flatMap(group -> group.openSeats().stream()).map(Seat::worker).toList();
        }
        // The pipe of a worker that is busy for long may be full; nobody else shall wait for it.
        living.forEach(worker -> host.soon(() -> worker.forget(blocks)));
    }
}
