package org.alcove.fiji;

import ij.IJ;
import java.awt.EventQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Call;
import org.alcove.Outputs;
import org.alcove.Progress;
import org.alcove.gui.FailureWindow;
import org.alcove.gui.RunWindow;

/** Runs an op for ImageJ's user: progress in the status bar and a small window, cancelled by Escape, results shown. */
final class OpRunner {
    private static final List<OpRunner> RUNNING = new CopyOnWriteArrayList<>();

    private final Alcove alcove;
    private final String title;
    private final OpRequest request;
    private volatile Call call;

    private OpRunner(Alcove alcove, String title, OpRequest request) {
        this.alcove = alcove;
        this.title = title;
        this.request = request;
    }

    /**
     * Runs it and shows its results, and blocks meanwhile; on the event thread it returns at once, and another does that.
     *
     * @param title what results are named after
     * @throws AlcoveException when it was cancelled or failed, unless it was called on the event thread
     */
    static void run(Alcove alcove, String title, OpRequest request) {
        OpRunner runner = new OpRunner(alcove, title, request);
        if (EventQueue.isDispatchThread()) {
            new Thread(runner::runAlone, "alcove " + title).start();
        } else {
            runner.run();
        }
    }

    /** The titles of what runs or waits, in the order of its start. */
    static List<String> running() {
        return RUNNING.stream().map(each -> each.title).toList();
    }

    /** Cancels all of it; returns at once. */
    static void cancelAll() {
        RUNNING.forEach(each -> each.call.cancel());
    }

    private void runAlone() {
        try {
            run();
        } catch (AlcoveException failure) {
            Problems.tell(failure, request.op().file().orElse(null), title);
        }
    }

    private void run() {
        try (InputArrays inputs = InputArrays.of(alcove, request)) {
            StatusLine status = new StatusLine(title);
            call = request.op().callAsync(inputs.values(), status);
            try (Outputs outputs = outputs()) {
                new Results(title, request, inputs).show(outputs);
            } finally {
                status.clear();
            }
        }
    }

    /** Waits for them, so that the user sees what goes on and can end it. */
    private Outputs outputs() {
        RUNNING.add(this);
        Escape escape = Escape.calls(call::cancel);
        try (RunWindow window = Problems.canAsk() ? RunWindow.watch(alcove, call, title) : null) {
            return call.await();
        } catch (AlcoveException failure) {
            throw FailureWindow.withLog(failure, call);
        } finally {
            escape.end();
            RUNNING.remove(this);
        }
    }

    /** ImageJ's own status bar, which several may use at a time: the last to say something is seen. */
    private static final class StatusLine implements Consumer<Progress> {
        private final String title;
        private volatile boolean isUsed;

        StatusLine(String title) {
            this.title = title;
        }

        @Override
        public void accept(Progress progress) {
            isUsed = true;
            IJ.showStatus(progress.message().isBlank() ? title : Words.of("OpRunner.status", title, progress.message()));
            progress.fraction().ifPresent(IJ::showProgress);
        }

        void clear() {
            if (isUsed) {
                IJ.showStatus("");
                IJ.showProgress(1.0);
            }
        }
    }
}
