package org.alcove.gui;

import java.awt.Component;
import java.awt.GraphicsEnvironment;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentSpec;
import org.alcove.ErrorKind;
import org.alcove.ToolboxPlan;

/** Asks before anything is downloaded for the first time, and shows how far that is. */
public final class FirstRun {
    /** Two that need the toolbox ask their user once. */
    private static final ReentrantLock ASKING = new ReentrantLock();

    private FirstRun() {}

    /**
     * Makes the toolbox where it is missing, after its user has agreed: nothing is downloaded before. Blocks until that is
     * done; not to be called on the event dispatch thread. Without a display there is nobody to ask: it is made then.
     *
     * @param parent what is on the screen that the window shall be on, or null
     * @return whether the toolbox is ready; false when its user did not want it, or cancelled
     * @throws AlcoveException {@link ErrorKind#CANCELLED} when this thread is interrupted meanwhile, which closes the window;
     *     without a display also when the toolbox could not be made
     */
    public static boolean prepare(Component parent, Alcove alcove) {
        return prepare(parent, alcove, null);
    }

    /**
     * As {@link #prepare(Component, Alcove)}; it says also that an environment will be downloaded next.
     *
     * @param environment what will be made after the toolbox, or null
     */
    public static boolean prepare(Component parent, Alcove alcove, EnvironmentSpec environment) {
        EventThread.refuse();
        if (alcove.isPrepared()) {
            return true;
        }
        if (GraphicsEnvironment.isHeadless()) {
            alcove.prepare(progress -> {});
            return true;
        }
        try {
            ASKING.lockInterruptibly();
            try {
                return alcove.isPrepared() || ask(parent, alcove, environment);
            } finally {
                ASKING.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AlcoveException(ErrorKind.CANCELLED, Words.of("EventThread.interrupted"), null, Map.of());
        }
    }

    private static boolean ask(Component parent, Alcove alcove, EnvironmentSpec environment) throws InterruptedException {
        ToolboxPlan plan = alcove.toolboxPlan();
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        FirstRunDialog dialog = EventThread.ask(() -> {
            FirstRunDialog made = new FirstRunDialog(parent, FirstRunText.of(plan, environment), alcove::prepare, answer);
            made.show();
            return made;
        });
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            EventThread.run(dialog::close);
        }
    }
}
