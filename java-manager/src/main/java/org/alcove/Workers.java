package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The workers of a manager: what each does, and ending one. Get this from {@link Alcove#workers}.
 *
 * <pre>{@code
 * AutoCloseable listening = alcove.workers().onChange(worker -> SwingUtilities.invokeLater(() -> table.show(worker)));
 * }</pre>
 */
public final class Workers {
    private static final long MILLISECONDS_BETWEEN_EVENTS = 100;
    private static final Duration LONG = Duration.ofSeconds(1);
    private static final long MILLISECONDS_BETWEEN_EXAMINATIONS = 1500;

    private final Host host;
    private final HostFile file;
    private final LogFile log;
    private final Coalesced examining;
    private final Set<WorkerEvents> living = ConcurrentHashMap.newKeySet();
    private final Map<Launch, WorkerInfo> failed = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile Predicate<String> resetter = environment -> false;

    Workers(Host host) {
        this.host = host;
        this.file = new HostFile(host, this::all);
        this.log = new LogFile(host);
        this.examining = new Coalesced(host, MILLISECONDS_BETWEEN_EXAMINATIONS, this::examine);
    }

    /**
     * The workers of all running programs of this user whose memory directory is the one that this process would use; also
     * those that this process has. What they use is looked up now; the rest is at most a second old.
     */
    public static List<WorkerInfo> everywhere() {
        return new RunningHosts(Places.memoryDirectory().path()).workers();
    }

    /**
     * Ends a worker of any of these programs; a call that runs in it fails.
     *
     * @param pid as {@link #everywhere} tells it
     * @return false when there is no such worker
     */
    public static boolean stopAnywhere(long pid) {
        return new RunningHosts(Places.memoryDirectory().path()).stop(pid);
    }

    /** All of them in the order of their start; then those environments whose workers died too often. */
    public List<WorkerInfo> list() {
        List<WorkerInfo> all = new ArrayList<>(
                living.stream().map(each -> each.infoWithUsage()).sorted(Comparator.comparing(WorkerInfo::started)).toList());
        all.addAll(failed.values());
        return all;
    }

    /**
     * Calls {@code listener} with each worker soon after it has begun with something else, or has written something; with
     * what is so then, at most ten times a second, one after the other, on a thread of Alcove's that it may block. What a
     * worker uses of memory and processor is told then, but is no reason to tell it: {@link #list} does that at any time.
     *
     * @return closing it ends that
     */
    public AutoCloseable onChange(Consumer<WorkerInfo> listener) {
        Listener added = new Listener(listener);
        listeners.add(added);
        return () -> listeners.remove(added);
    }

    /**
     * Ends a worker; a call that runs in it fails with {@link ErrorKind#WORKER_DIED}, and the next one has another worker.
     *
     * @return false when this manager has no such worker
     */
    public boolean stop(long pid) {
        List<WorkerEvents> meant = living.stream().filter(each -> each.pid() == pid).toList();
        meant.forEach(each -> each.watched().stopOnRequest());
        return !meant.isEmpty();
    }

    /**
     * Lets workers of an environment be started again that is {@link WorkerInfo.State#FAILED}, because too many died.
     *
     * @param environment its name
     * @return false when it was not
     */
    public boolean reset(String environment) {
        return resetter.test(environment);
    }

    /** Whether another program has ended the worker with this process id, as {@link #stopAnywhere} does. */
    boolean wasStoppedByOthers(long pid) {
        SharedMemory memory = host.memory();
        try {
            return Files.deleteIfExists(memory.directory().resolve(RunningHosts.wordOfStop(memory.prefix(), pid)));
        } catch (IOException | IllegalStateException e) {
            return false; // the memory is given back already
        }
    }

    /** A worker is about to be started; it says by itself what becomes of it. */
    WorkerEvents starting(Launch launch, Allotment allotment, WorkerEvents.Watched watched) {
        return new WorkerEvents(this, log, launch, allotment, watched);
    }

    /** Workers of this launch died too often; no more are started. */
    void failed(Launch launch, AlcoveException reason) {
        WorkerInfo info = WorkerEvents.failed(launch, reason);
        failed.put(launch, info);
        tell(launch, () -> info);
    }

    /** Workers of this launch are started again. */
    void reset(Launch launch) {
        if (failed.remove(launch) != null) {
            file.changed();
        }
    }

    /** What {@link #reset(String)} asks: forgets the deaths in an environment, and says whether there were any. */
    void onReset(Predicate<String> resetter) {
        this.resetter = resetter;
    }

    void add(WorkerEvents worker) {
        living.add(worker);
    }

    void remove(WorkerEvents worker) {
        living.remove(worker);
    }

    void changed(WorkerEvents worker) {
        tell(worker, worker::infoWithUsage);
        if (worker.isBusy()) {
            examining.ask();
        }
    }

    private void tell(Object about, Supplier<WorkerInfo> info) {
        file.changed();
        for (Listener listener : listeners) {
            listener.tell(about, info);
        }
    }

    /** As they are, for others to look up what they use. */
    private Collection<WorkerInfo> all() {
        List<WorkerInfo> all = new ArrayList<>();
        living.forEach(each -> all.add(each.info()));
        all.sort(Comparator.comparing(WorkerInfo::started));
        all.addAll(failed.values());
        return all;
    }

    /** Asks those that have been busy for long whether they answer, and again as long as there are some. */
    private void examine() {
        List<CompletableFuture<Void>> examined = living.stream()
                .filter(WorkerEvents::isBusy)
                .map(each -> CompletableFuture.runAsync(() -> each.examine(LONG), host.executor()))
                .toList();
        examined.forEach(CompletableFuture::join);
        if (!examined.isEmpty()) {
            examining.ask();
        }
    }

    /** Where the log file is made once there is something to write. */
    void logTo(Path folder) {
        log.writeTo(folder);
    }

    /** From now on nothing is written. */
    void close() {
        file.close();
        log.close();
    }

    /** One who listens, who may be slow: what changes several times meanwhile is told once. */
    private final class Listener {
        private final Consumer<WorkerInfo> consumer;
        private final Map<Object, Supplier<WorkerInfo>> changed = new LinkedHashMap<>(); // guarded by itself
        private boolean hasFailed; // one round at a time
        private final Coalesced telling = new Coalesced(host, MILLISECONDS_BETWEEN_EVENTS, this::tellAll);

        Listener(Consumer<WorkerInfo> consumer) {
            this.consumer = consumer;
        }

        void tell(Object about, Supplier<WorkerInfo> info) {
            synchronized (changed) {
                changed.put(about, info);
            }
            telling.ask();
        }

        private void tellAll() {
            List<Supplier<WorkerInfo>> all;
            synchronized (changed) {
                all = List.copyOf(changed.values());
                changed.clear();
            }
            for (Supplier<WorkerInfo> each : all) {
                if (listeners.contains(this)) {
                    tell(each.get());
                }
            }
        }

        private void tell(WorkerInfo info) {
            try {
                consumer.accept(info);
            } catch (RuntimeException | Error e) {
                if (!hasFailed) {
                    host.warn("a listener to workers failed: " + e);
                    hasFailed = true;
                }
            }
        }
    }
}
