package org.alcove.fiji;

import ij.IJ;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Hears of the Escape key in ImageJ's windows as long as something runs, and cancels what was started last. ImageJ notes the
 * key for plugins to ask about, and tells nobody; so this asks.
 */
final class Escape {
    private static final long MILLISECONDS_BETWEEN_LOOKS = 50;
    private static final Deque<Escape> RUNNING = new ArrayDeque<>(); // guarded by itself, as is the next
    private static boolean isWatched;

    private final Runnable cancel;

    private Escape(Runnable cancel) {
        this.cancel = cancel;
    }

    /** From now on the key does this, on a thread of its own, until {@link #end}. */
    static Escape calls(Runnable cancel) {
        Escape added = new Escape(cancel);
        synchronized (RUNNING) {
            if (RUNNING.isEmpty()) {
                IJ.resetEscape(); // one that was pressed long ago
            }
            RUNNING.push(added);
            if (!isWatched) {
                isWatched = true;
                Thread watcher = new Thread(Escape::watch, "alcove escape key");
                watcher.setDaemon(true);
                watcher.start();
            }
        }
        return added;
    }

    void end() {
        synchronized (RUNNING) {
            RUNNING.remove(this);
            RUNNING.notifyAll();
        }
    }

    private static void watch() {
        for (Escape pressed = next(); pressed != null; pressed = next()) {
            pressed.cancel.run();
        }
    }

    /** Waits for the key; null when nothing runs any more. */
    private static Escape next() {
        synchronized (RUNNING) {
            while (!RUNNING.isEmpty()) {
                if (IJ.escapePressed()) {
                    IJ.resetEscape();
                    return RUNNING.pop();
                }
                try {
                    RUNNING.wait(MILLISECONDS_BETWEEN_LOOKS);
                } catch (InterruptedException e) {
                    break; // nobody does that; the key is then deaf until the next start
                }
            }
            isWatched = false;
            return null;
        }
    }
}
