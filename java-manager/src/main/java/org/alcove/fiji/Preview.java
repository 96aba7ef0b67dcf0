package org.alcove.fiji;

import ij.ImagePlus;
import ij.gui.Overlay;
import java.awt.EventQueue;
import java.time.Duration;
import java.util.function.Supplier;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Call;
import org.alcove.CancelledException;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Progress;

/**
 * What an op would do to the visible slice, as an overlay on the image while its dialog is open. One run at a time: a newer
 * request cancels the one under way and begins when that has ended, and of several only the last is run.
 */
final class Preview implements AutoCloseable {
    /** Hears of what happens, on the event thread. */
    interface Listener {
        /** A run begins or ends. */
        void running(boolean isRunning);

        /** A run failed; whether another one makes no sense. */
        void failed(String message, boolean isOver);
    }

    /** The first run imports what the op needs and loads its models. */
    static final Duration FIRST = Duration.ofSeconds(20);

    static final Duration USUAL = Duration.ofSeconds(5);

    private final Alcove alcove;
    private final Listener listener;
    private Duration limit;
    private Supplier<OpRequest> wanted; // guarded by this, as are the next
    private Call call;
    private int generation;
    private boolean isOpen = true;
    private Thread thread;
    private ImagePlus image; // of the event thread, as the next
    private Overlay before;

    Preview(Alcove alcove, Duration first, Listener listener) {
        this.alcove = alcove;
        this.limit = first;
        this.listener = listener;
    }

    /** Shows what a request gives. It is asked for on another thread, and may read files. */
    synchronized void show(Supplier<OpRequest> request) {
        supersede(request);
        if (thread == null) {
            thread = new Thread(this::runAll, "alcove-preview");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Shows the image as it was. */
    void hide() {
        supersede(null);
        EventQueue.invokeLater(this::restore);
    }

    /** The image is as it was when this returns; a run may still be ending. Not for the event thread. */
    @Override
    public void close() {
        synchronized (this) {
            isOpen = false;
            supersede(null);
        }
        EventThread.wait(this::restore);
    }

    private synchronized void supersede(Supplier<OpRequest> request) {
        wanted = request;
        generation++;
        if (call != null) {
            call.cancel();
        }
        notifyAll();
    }

    private void runAll() {
        while (true) {
            Supplier<OpRequest> next;
            int number;
            synchronized (this) {
                while (isOpen && wanted == null) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        return;
                    }
                }
                if (!isOpen) {
                    return;
                }
                next = wanted;
                wanted = null;
                number = generation;
            }
            tell(number, () -> listener.running(true));
            run(next, number);
            tell(number, () -> listener.running(false));
        }
    }

    private void run(Supplier<OpRequest> next, int number) {
        try {
            OpRequest request = ofVisible(next.get());
            try (InputArrays inputs = InputArrays.of(alcove, request);
                    Outputs outputs = begin(request.op(), inputs, number).await()) {
                Overlay overlay = Overlays.preview(request, inputs, outputs);
                ImagePlus on = inputs.scene().image();
                tell(number, () -> display(on, overlay));
                limit = USUAL;
            }
        } catch (CancelledException e) {
            // A newer request, the end of the dialog, or an environment that is not there: whoever cancelled it has said so.
        } catch (AlcoveException failure) {
            boolean isSlow = failure.kind() == ErrorKind.DEADLINE_EXCEEDED;
            fail(number, isSlow ? Words.of("Preview.slow", limit.toSeconds()) : failed(failure), isSlow);
        } catch (RuntimeException failure) {
            fail(number, failed(failure), false); // ImageJ throws whatever it likes at images that are being closed
        } finally {
            synchronized (this) {
                call = null;
            }
        }
    }

    private static String failed(RuntimeException failure) {
        return Words.of("Preview.failed", failure.getMessage() == null ? failure.toString() : failure.getMessage());
    }

    private void fail(int number, String message, boolean isOver) {
        tell(number, () -> {
            restore();
            listener.failed(message, isOver);
        });
    }

    private static OpRequest ofVisible(OpRequest request) {
        return new OpRequest(request.op(), request.inputs(), request.showAs(), false);
    }

    private Call begin(Op op, InputArrays inputs, int number) {
        Call begun = op.within(limit).onBehalfOf(this).callAsync(inputs.values(), progress -> heard(progress, number));
        synchronized (this) {
            call = begun;
            if (number != generation) {
                begun.cancel();
            }
        }
        return begun;
    }

    /** To download an environment for a preview is not what people expect of a box that they tick. */
    private void heard(Progress progress, int number) {
        if (progress.stage() == Progress.Stage.TOOLBOX || progress.stage() == Progress.Stage.ENVIRONMENT) {
            synchronized (this) {
                if (number == generation && call != null) {
                    call.cancel();
                }
            }
            tell(number, () -> listener.failed(Words.of("Preview.noEnvironment"), true));
        }
    }

    /** On the event thread, unless something newer has come until then. */
    private void tell(int number, Runnable action) {
        EventQueue.invokeLater(() -> {
            synchronized (this) {
                if (number != generation) {
                    return;
                }
            }
            action.run();
        });
    }

    private void display(ImagePlus on, Overlay overlay) {
        if (image != on) {
            restore();
            image = on;
            before = on.getOverlay();
        }
        Overlay all = before == null ? new Overlay() : before.duplicate();
        overlay.forEach(all::add);
        on.setOverlay(all);
    }

    private void restore() {
        if (image != null) {
            image.setOverlay(before);
            image = null;
            before = null;
        }
    }
}
