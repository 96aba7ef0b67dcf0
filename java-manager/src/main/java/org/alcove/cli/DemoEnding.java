package org.alcove.cli;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The end that somebody waits for: it comes after a time, when Enter is pressed, or when the program is ended from outside,
 * by Ctrl-C above all. In the last case Java waits until this is closed, so that what has to be said and tidied up is.
 */
final class DemoEnding implements AutoCloseable {
    private static final long SECONDS_TO_TIDY_UP = 5;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch tidied = new CountDownLatch(1);
    private final Thread hook = new Thread(this::endFromOutside, "alcove-demo-end");
    private final long end;

    private DemoEnding(Double seconds) {
        this.end = seconds == null ? Long.MAX_VALUE : System.nanoTime() + (long) (seconds * 1e9);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Comes after so many seconds, or never by itself when they are null. */
    static DemoEnding after(Double seconds) {
        return new DemoEnding(seconds);
    }

    /** Comes when Enter is pressed. */
    static DemoEnding byEnter() {
        DemoEnding ending = new DemoEnding(null);
        Thread reader = new Thread(ending::awaitEnter, "alcove-demo-enter");
        reader.setDaemon(true);
        reader.start();
        return ending;
    }

    /** Waits at most so long, and says whether the end has come. */
    boolean comesWithin(long milliseconds) {
        long left = end == Long.MAX_VALUE ? Long.MAX_VALUE : end - System.nanoTime();
        try {
            return asked.await(Math.min(TimeUnit.MILLISECONDS.toNanos(milliseconds), left), TimeUnit.NANOSECONDS)
                    || end != Long.MAX_VALUE && System.nanoTime() - end >= 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        tidied.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            // Then the hook is what waited for this.
        }
    }

    private void awaitEnter() {
        try {
            // A script has no standard input to give, and means to end this in another way.
            if (System.in.read() >= 0 || System.console() != null) {
                asked.countDown();
            }
        } catch (IOException noInput) {
            // The other ways are left.
        }
    }

    private void endFromOutside() {
        asked.countDown();
        try {
            tidied.await(SECONDS_TO_TIDY_UP, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
