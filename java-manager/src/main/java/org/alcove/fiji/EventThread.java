package org.alcove.fiji;

import java.awt.EventQueue;
import java.lang.reflect.InvocationTargetException;

/** The one thread that may touch windows. */
final class EventThread {
    private EventThread() {}

    /** Does it there, and waits until it is done. */
    static void wait(Runnable action) {
        if (EventQueue.isDispatchThread()) {
            action.run();
            return;
        }
        try {
            EventQueue.invokeAndWait(action);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }
}
