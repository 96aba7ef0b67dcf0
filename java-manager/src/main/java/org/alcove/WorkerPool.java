package org.alcove;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The workers of one manager: one for each launch, started when it is first needed and again after it died. */
final class WorkerPool {
    private final Host host;
    private final Map<Launch, Slot> slots = new HashMap<>(); // guarded by itself, as are the next
    private final List<Slot> outdated = new ArrayList<>();
    private int count;
    private boolean closed;

    /** A place for one worker; its lock is held while a worker starts, so that no second one does. */
    private static final class Slot {
        private volatile Worker worker;
    }

    WorkerPool(Host host) {
        this.host = host;
        host.memory().onDropped(this::forget);
    }

    Worker worker(Launch launch) {
        Slot slot;
        String prefix;
        synchronized (slots) {
            if (closed) {
                throw new IllegalStateException("Alcove is closed");
            }
            if (!slots.containsKey(launch)) {
                retireOtherVersions(launch);
            }
            slot = slots.computeIfAbsent(launch, key -> new Slot());
            prefix = host.memory().prefix() + "-w" + ++count + "-";
        }
        synchronized (slot) {
            if (slot.worker == null || !slot.worker.isAlive()) {
                slot.worker = Worker.start(launch, host, prefix);
            }
            return slot.worker;
        }
    }

    /**
     * Stops workers of other versions of the environment, those that have nothing to do at once and the others when they
     * have: only then can what is outdated be removed.
     */
    private void retireOtherVersions(Launch launch) {
        for (Launch each : slots.keySet().stream().filter(launch::isOtherVersionOf).toList()) {
            Slot slot = slots.remove(each);
            outdated.add(slot);
            host.executor().execute(() -> {
                synchronized (slot) { // it may still be starting
                    if (slot.worker != null) {
                        slot.worker.retire();
                    }
                }
            });
        }
    }

    /** Stops all workers and waits until they are gone. */
    void close() {
        List<Slot> all;
        synchronized (slots) {
            closed = true;
            all = all();
        }
        List<CompletableFuture<Void>> stopping = new ArrayList<>();
        for (Slot slot : all) {
            synchronized (slot) {
                if (slot.worker != null) {
                    stopping.add(slot.worker.stop());
                }
            }
        }
        stopping.forEach(CompletableFuture::join);
    }

    /** Every place in which a worker may live. */
    private List<Slot> all() {
        outdated.removeIf(slot -> slot.worker != null && !slot.worker.isAlive());
        List<Slot> all = new ArrayList<>(slots.values());
        all.addAll(outdated);
        return all;
    }

    private void forget(List<String> blocks) {
        List<Worker> living = new ArrayList<>();
        synchronized (slots) {
            for (Slot slot : all()) {
                if (slot.worker != null && slot.worker.isAlive()) {
                    living.add(slot.worker);
                }
            }
        }
        // The pipe of a worker that is busy for long may be full; nobody else shall wait for it.
        host.executor().execute(() -> living.forEach(worker -> worker.forget(blocks)));
    }
}
