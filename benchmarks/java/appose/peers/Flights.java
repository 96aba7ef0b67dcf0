package peers;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apposed.appose.Service.Task;
import org.apposed.appose.Service.TaskStatus;
import org.apposed.appose.TaskEvent;
import speed.program.Case;
import speed.program.Samples;

/**
 * Many tasks under way. On its default queue Appose answers each from a thread of its own with an unlocked {@code print}, so
 * that replies get lost and their tasks never end. Such a task gives its place back when it is overdue, so that losses don't
 * slow down the rest; it counts as lost.
 */
final class Flights {
    private static final int WARM_UPS = 300;
    private static final double SECONDS_FOR_A_ROUND = 60;
    private static final long MILLISECONDS_UNTIL_OVERDUE = 100;
    private static final long MILLISECONDS_UNTIL_STALLED = 600;

    private static Worker worker; // one for all: idle ones would go on looking for tasks

    private final int window;
    private final String queue;

    /** {@code queue} is null for the default one. */
    Flights(int window, String queue) {
        this.window = window;
        this.queue = queue;
    }

    Case flight() throws Exception {
        Case flight = count -> new Round(count).samples();
        flight.measure(WARM_UPS);
        return flight;
    }

    /** When a task was begun, and whether it still has a place. */
    private record Place(long began, AtomicBoolean isFree) {}

    private final class Round {
        private final int count;
        private final Semaphore free = new Semaphore(window);
        private final Deque<Place> places = new ArrayDeque<>();
        private final AtomicInteger completed = new AtomicInteger();
        private final AtomicInteger wrong = new AtomicInteger();
        private final AtomicLong last = new AtomicLong(System.nanoTime());
        private int started;

        Round(int count) {
            this.count = count;
        }

        Samples samples() throws Exception {
            if (worker == null) {
                worker = Worker.warm();
            }
            long began = System.nanoTime();
            boolean isComplete = worker.within(SECONDS_FOR_A_ROUND, () -> startAll() && awaitAll());
            if (wrong.get() > 0) {
                throw new IllegalStateException(wrong + " wrong results");
            }
            if (!isComplete) { // it has tasks that never end
                worker.service.kill();
                worker = null;
            }
            double seconds = (last.get() - began) / 1e9;
            return Samples.rate(completed.get() / seconds).with("lost", started - completed.get());
        }

        /** False when nothing moves any more. */
        private boolean startAll() throws InterruptedException, IOException {
            while (started < count) {
                freeOverdue();
                if (free.tryAcquire(10, TimeUnit.MILLISECONDS)) {
                    start(started++);
                } else if (isStalled()) {
                    return false;
                }
            }
            return true;
        }

        private void start(int a) throws IOException {
            Place place = new Place(System.nanoTime(), new AtomicBoolean());
            places.add(place);
            Task task = worker.sum(a, queue);
            task.listen(event -> ended(event, a + 2, place));
            task.start();
        }

        private void ended(TaskEvent event, long expected, Place place) {
            if (!event.responseType.isTerminal()) {
                return;
            }
            Object result = event.task.result();
            if (event.task.status != TaskStatus.COMPLETE
                    || !(result instanceof Number number)
                    || number.longValue() != expected) {
                wrong.incrementAndGet();
            }
            last.set(System.nanoTime());
            completed.incrementAndGet();
            free(place);
        }

        private void free(Place place) {
            if (place.isFree().compareAndSet(false, true)) {
                free.release();
            }
        }

        private void freeOverdue() {
            long overdue = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(MILLISECONDS_UNTIL_OVERDUE + window);
            for (Place oldest; (oldest = places.peek()) != null; places.poll()) {
                if (!oldest.isFree().get()) {
                    if (queue != null || oldest.began() > overdue) {
                        return; // the main queue begins with the last, and loses none
                    }
                    free(oldest);
                }
            }
        }

        private boolean awaitAll() throws InterruptedException {
            while (completed.get() < started && !isStalled()) {
                Thread.sleep(1);
            }
            return completed.get() == started;
        }

        private boolean isStalled() {
            return System.nanoTime() - last.get() > TimeUnit.MILLISECONDS.toNanos(MILLISECONDS_UNTIL_STALLED);
        }
    }
}
