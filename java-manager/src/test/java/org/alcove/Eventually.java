package org.alcove;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waiting for what must come, with a deadline that only a hang can meet. */
public final class Eventually {
    private static final long DEADLINE_SECONDS = 60;

    private Eventually() {}

    public static void becomes(String description, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("still not: " + description);
            }
            Thread.sleep(5);
        }
    }
}
