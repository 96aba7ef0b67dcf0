package org.alcove.gui;

import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.swing.SwingUtilities;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/** The one thread that may touch windows, and that nothing may block. */
final class EventThread {
    private EventThread() {}

    /** Does it there: at once when this is that thread, else soon. */
    static void run(Runnable action) {
        if (SwingUtilities.isEventDispatchThread()) {
            action.run();
        } else {
            SwingUtilities.invokeLater(action);
        }
    }

    /**
     * What is known there; waits for it.
     *
     * @throws AlcoveException {@link ErrorKind#CANCELLED} when this thread is interrupted meanwhile
     */
    static <T> T ask(Supplier<T> question) {
        if (SwingUtilities.isEventDispatchThread()) {
            return question.get();
        }
        AtomicReference<T> answer = new AtomicReference<>();
        try {
            SwingUtilities.invokeAndWait(() -> answer.set(question.get()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AlcoveException(ErrorKind.CANCELLED, Words.of("EventThread.interrupted"), null, Map.of());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw (Error) e.getCause();
        }
        return answer.get();
    }

    /** Does elsewhere what may block, on a thread of its own that keeps no program alive. */
    static Thread aside(Runnable action) {
        Thread thread = new Thread(action, "alcove-gui");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** For what takes long: asked on the thread of windows it would freeze them all. */
    static void refuse() {
        if (SwingUtilities.isEventDispatchThread()) {
            throw new IllegalStateException("this takes long, and the event dispatch thread must not wait for it");
        }
    }
}
