package org.alcove;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** How long a run may take, counted anew from each {@link #start}. */
final class Deadline {
    private final Host host;
    private final Duration time;
    private final Consumer<AlcoveException> passed;
    private Future<?> timer; // guarded by this, as are the next
    private long starts;

    /** {@code passed} hears what a run that took too long fails with; it may block. */
    Deadline(Host host, Duration time, Consumer<AlcoveException> passed) {
        this.host = host;
        this.time = time;
        this.passed = passed;
    }

    synchronized void start() {
        pause();
        long start = starts;
        try {
            timer = host.later(Math.max(1, TimeUnit.MILLISECONDS.convert(time)), () -> pass(start));
        } catch (RejectedExecutionException e) {
            // Alcove is closing, which ends the run as well.
        }
    }

    /** Nothing runs now. */
    synchronized void pause() {
        starts++;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void pass(long start) {
        synchronized (this) {
            if (start != starts) { // it ended, or was begun anew, while the timer fired
                return;
            }
        }
        double seconds = time.toMillis() / 1000.0;
        passed.accept(new AlcoveException(
                ErrorKind.DEADLINE_EXCEEDED,
                "the op ran for longer than its deadline of " + plain(seconds) + " s",
                "give it more time with within(), or find out what it waits for",
                Map.of("seconds", seconds)));
    }

    private static String plain(double seconds) {
        return seconds == Math.rint(seconds) ? String.valueOf((long) seconds) : String.valueOf(seconds);
    }
}
