package org.alcove;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** What comes of a call while it is under way, of one kind: the latest are kept, and all go to whoever listens. */
final class Reports<T> implements Consumer<T> {
    /** So many wait for a listener that is slower than the op; then the oldest are left out. */
    private static final int MOST_WAITING = 1000;

    private final Callbacks callbacks;
    private final int mostKept;
    private final Deque<T> kept = new ArrayDeque<>(0); // guarded by this, as are the next
    private final Deque<Runnable> waiting = new ArrayDeque<>(0);
    private Consumer<? super T> listener;
    private boolean heard;

    /** {@code listener} hears of all until another one comes; it may be null. */
    Reports(Callbacks callbacks, int mostKept, Consumer<? super T> listener) {
        this.callbacks = callbacks;
        this.mostKept = mostKept;
        this.listener = listener;
    }

    @Override
    public synchronized void accept(T report) {
        kept.addLast(report);
        if (kept.size() > mostKept) {
            kept.removeFirst();
        }
        tell(report);
    }

    /** From now on all go there; the first such listener hears what was kept, any other the latest. */
    synchronized void listen(Consumer<? super T> next) {
        listener = next;
        List<T> missed = new ArrayList<>(kept);
        missed.subList(0, heard && !missed.isEmpty() ? missed.size() - 1 : 0).clear();
        heard = true;
        missed.forEach(this::tell);
    }

    /** The latest, oldest first. */
    synchronized List<T> kept() {
        return List.copyOf(kept);
    }

    private void tell(T report) {
        Consumer<? super T> target = listener;
        if (target == null) {
            return;
        }
        waiting.addLast(() -> target.accept(report));
        if (waiting.size() > MOST_WAITING) {
            waiting.removeFirst(); // whose callback hands out the next one
        } else {
            callbacks.run(this::handOut);
        }
    }

    private void handOut() {
        Runnable next;
        synchronized (this) {
            next = waiting.removeFirst();
        }
        next.run();
    }
}
