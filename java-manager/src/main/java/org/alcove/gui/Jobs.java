package org.alcove.gui;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** The jobs of a window: those that run, and those that ended and were not put away. On the event thread alone. */
final class Jobs {
    /** As many as have ended well stay to be read; those that failed all do. */
    private static final int MOST_KEPT = 1;

    private final List<Job> all = new ArrayList<>();
    private final List<Consumer<Job>> listeners = new ArrayList<>();
    private final List<Consumer<Job>> enders = new ArrayList<>();
    private final Set<Job> ended = Collections.newSetFromMap(new WeakHashMap<>());

    /** Calls it with each job that begins, gets further, ends or is put away. */
    void onChange(Consumer<Job> listener) {
        listeners.add(listener);
    }

    /** Calls it once with each job that has ended. */
    void onEnd(Consumer<Job> listener) {
        enders.add(listener);
    }

    /** Starts a job; see {@link Job#start}. */
    <T> Job start(String title, Job.Work<T> work, Function<T, String> done) {
        List<Job> well = all.stream().filter(each -> each.isOver() && each.state() != Job.State.FAILED).toList();
        well.subList(0, Math.max(0, well.size() - MOST_KEPT)).forEach(this::dismiss);
        Job job = new Job(title, this::tell);
        all.add(job);
        job.start(work, done);
        tell(job);
        return job;
    }

    List<Job> all() {
        return List.copyOf(all);
    }

    List<Job> running() {
        return all.stream().filter(job -> !job.isOver()).toList();
    }

    /** Puts a job away that is over. */
    void dismiss(Job job) {
        if (job.isOver() && all.remove(job)) {
            tell(job);
        }
    }

    void cancelAll() {
        running().forEach(Job::cancel);
    }

    private void tell(Job job) {
        List.copyOf(listeners).forEach(listener -> listener.accept(job));
        if (job.isOver() && ended.add(job)) {
            List.copyOf(enders).forEach(listener -> listener.accept(job));
        }
    }
}
