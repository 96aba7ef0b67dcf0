package org.alcove.gui;

import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.alcove.AlcoveException;
import org.alcove.CancelledException;
import org.alcove.Progress;

/** Something that takes long, on a thread of its own: how far it is, what came of it. Seen on the event thread alone. */
final class Job {
    private static final int MOST_LINES = 2000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private static final Pattern CLOCK = Pattern.compile(" \\((nothing for )?\\d+ s\\)$");

    /** How it stands. */
    enum State {
        RUNNING,
        /** Its user has cancelled it, and it has not ended yet. */
        CANCELLING,
        DONE,
        CANCELLED,
        FAILED
    }

    /** What a job does. */
    @FunctionalInterface
    interface Work<T> {
        T run(Consumer<Progress> listener) throws Exception;
    }

    private final String title;
    private final Consumer<Job> changed;
    private final AtomicReference<Progress> untold = new AtomicReference<>();
    private final List<String> log = new ArrayList<>();
    private State state = State.RUNNING;
    private Progress progress;
    private String lastStep = "";
    private String summary = "";
    private AlcoveException failure;
    private Thread thread;

    /** @param changed hears of each change, on the event thread */
    Job(String title, Consumer<Job> changed) {
        this.title = title;
        this.changed = changed;
    }

    /**
     * Begins.
     *
     * @param done says in a line what came of it, on the event thread; empty when there is nothing to say
     */
    <T> void start(Work<T> work, Function<T, String> done) {
        note(title);
        thread = new Thread(() -> run(work, done), "alcove-gui-job");
        thread.setDaemon(true);
        thread.start();
    }

    String title() {
        return title;
    }

    State state() {
        return state;
    }

    boolean isOver() {
        return state != State.RUNNING && state != State.CANCELLING;
    }

    Optional<Progress> progress() {
        return Optional.ofNullable(progress);
    }

    /** What came of it, in a line. */
    String summary() {
        return summary;
    }

    Optional<AlcoveException> failure() {
        return Optional.ofNullable(failure);
    }

    /** The steps so far, each with its time. */
    List<String> log() {
        return List.copyOf(log);
    }

    /** Ends it soon; nothing half-made is left. */
    void cancel() {
        if (state == State.RUNNING) {
            state = State.CANCELLING;
            note(Words.of("Job.cancelling"));
            thread.interrupt();
            changed.accept(this);
        }
    }

    private <T> void run(Work<T> work, Function<T, String> done) {
        try {
            T result = work.run(this::hear);
            EventThread.run(() -> end(State.DONE, done.apply(result), null));
        } catch (CancelledException | InterruptedException e) {
            EventThread.run(() -> end(State.CANCELLED, Words.of("Job.cancelled"), null));
        } catch (Exception e) {
            AlcoveException known = Background.asAlcove(e);
            EventThread.run(() -> end(State.FAILED, known.getMessage(), known));
        }
    }

    /** On the thread of the job, and often: the event thread hears of the newest. */
    private void hear(Progress heard) {
        if (untold.getAndSet(heard) == null) {
            EventThread.run(this::tell);
        }
    }

    private void tell() {
        Progress heard = untold.getAndSet(null);
        if (heard == null || isOver()) {
            return;
        }
        progress = heard;
        Object step = heard.details().get("step");
        // A line for each package, not for each byte or second.
        String said = step == null
                ? CLOCK.matcher(heard.message()).replaceFirst("")
                : step + " " + heard.details().get("package");
        if (!said.equals(lastStep)) {
            lastStep = said;
            note(heard.message());
        }
        changed.accept(this);
    }

    private void end(State last, String said, AlcoveException reason) {
        state = last;
        summary = said;
        failure = reason;
        if (!said.isEmpty()) {
            note(said);
        }
        changed.accept(this);
    }

    private void note(String line) {
        if (log.size() == MOST_LINES) {
            log.remove(0);
        }
        log.add(LocalTime.now().format(TIME) + "  " + line);
    }
}
