package org.alcove;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A call of an op on its way: to its environment, to a worker when it is its turn, and back with what the worker answered. */
final class OpRun extends Errand {
    /** A line that any empty pipe takes. */
    private static final int MOST_BYTES_AT_ONCE = 4096;

    private final Callee callee;
    private final CallSettings settings;
    private final Task task;
    private final long bytes;
    private final AtomicBoolean inBacklog = new AtomicBoolean();
    private Launch launch;
    private boolean repeated;
    private boolean lookedAgain;

    OpRun(Callee callee, CallSettings settings, Call call, Task task) {
        super(call, callee.source(), settings.caller() == null ? Thread.currentThread() : settings.caller(), settings.workers());
        this.callee = callee;
        this.settings = settings;
        this.task = task;
        this.bytes = task.bytes(callee.name());
    }

    /** Goes as far as it can on this thread, which will wait for the call's end. */
    void run() {
        attempt(() -> {
            Launch known = callee.preparation().known();
            Turn turn = enter(known == null ? callee.preparation().now(call) : known, seat -> true);
            if (turn != null) {
                begin(turn, null, true);
            }
        });
    }

    /** Returns at once. It counts among those of its caller that wait, until it has its turn. */
    void runLater() {
        inBacklog.set(true);
        if (!entersAtOnce()) {
            prepareLater();
        }
    }

    /**
     * Brings it on this thread to a worker that can take it now, else into the queue: to wake up another thread would cost more
     * than all else that a short call needs. Nothing here blocks. False when its environment must be made or waited for, be it
     * because of the calls before it.
     */
    private boolean entersAtOnce() {
        Launch known = callee.preparation().isEmpty() ? callee.preparation().known() : null;
        if (known == null) {
            return false;
        }
        attempt(() -> {
            Object version = source.version();
            // A thread that is interrupted could not even wait for a lock.
            boolean isShort = bytes <= MOST_BYTES_AT_ONCE && !Thread.currentThread().isInterrupted();
            Turn turn = enter(known, seat -> isShort && seat.takesAtOnce(this, version));
            if (turn != null) {
                begin(turn, version, false);
            }
        });
        return true;
    }

    private void prepareLater() {
        if (call.begin(this::giveUp)) {
            giveUpBeforeItBegan();
        } else {
            callee.preparation().later(this);
            if (call.isCancelled()) {
                giveUp();
            }
        }
    }

    /** Its environment is there: brings it to its pool, where it waits for who feeds a worker. Does not block. */
    void submit(Launch found) {
        attempt(() -> enter(found, seat -> false));
    }

    /**
     * Brings it to its pool.
     *
     * @param goes whether the caller will begin its turn with a seat at once
     * @return null when it has to wait, or has ended
     */
    private Turn enter(Launch found, Predicate<Seat> goes) {
        launch = found;
        if (call.begin(this::giveUp)) {
            giveUpBeforeItBegan();
            return null;
        }
        call.queued();
        Turn turn = callee.workers().submit(found, callee.usesGpu(), this, goes);
        if (turn == null && call.isCancelled()) {
            giveUp();
        }
        return turn;
    }

    /** Somebody cancels it while it waits. */
    private void giveUp() {
        if (callee.preparation().withdraw(this) || callee.workers().withdraw(this)) {
            giveUpBeforeItBegan();
        }
    }

    private void giveUpBeforeItBegan() {
        leaveBacklog();
        AlcoveException reason = call.endReason();
        call.fail(reason == null ? new CancelledException("cancelled before it began") : reason);
    }

    private void leaveBacklog() {
        if (inBacklog.compareAndSet(true, false)) {
            callee.workers().backlog().leave(caller);
        }
    }

    @Override
    String timedAs() {
        return task.isOneRun() ? callee.timedAs() : null;
    }

    @Override
    long bytes() {
        return bytes;
    }

    @Override
    long memory() {
        return callee.memory();
    }

    @Override
    void begin(Turn turn) {
        begin(turn, null, false);
    }

    /**
     * Goes to its worker.
     *
     * @param version that of the source, where it was just looked at, else null
     * @param waits whether this thread will wait for the answer
     */
    private void begin(Turn turn, Object version, boolean waits) {
        leaveBacklog();
        attempt(() -> {
            try {
                send(turn, version, waits);
            } catch (UnstartedException itDied) {
                turn.failed(itDied);
                prepareLater();
            } catch (AlcoveException failure) {
                turn.failed(failure);
                if (!repeats(failure, turn.worker())) {
                    throw failure;
                }
            } catch (RuntimeException | Error failure) {
                FullHeap.awaitRoom();
                turn.end();
                throw failure;
            }
        });
    }

    private void send(Turn turn, Object version, boolean waits) {
        if (call.isCancelled()) {
            throw new CancelledException("cancelled before it began");
        }
        Worker worker = turn.worker();
        String id = version == null ? null : worker.sources().known(source, version, callee.name());
        if (id == null) {
            if (!turn.needsNoLoading()) {
                call.preparing();
            }
            id = worker.load(source, callee.name(), call, callee.grace());
            turn.loaded();
        }
        worker.run(task, id, settings.adaptation(), call, callee.grace(), waits, new Answer(turn));
        if (waits) {
            worker.readFor(call, turn.expected());
        }
    }

    @Override
    void refuse(AlcoveException failure) {
        if (launch != null && launch.cameTooLate(failure) && !lookedAgain) {
            lookedAgain = true; // its environment was removed after it was looked for
            prepareLater();
            return;
        }
        leaveBacklog();
        call.fail(failure);
    }

    @Override
    boolean goesElsewhere() {
        prepareLater();
        return true;
    }

    /** Does something for the call; whatever hinders it ends the call. */
    private void attempt(Runnable work) {
        try {
            work.run();
        } catch (AlcoveException failure) {
            refuse(failure);
        } catch (RuntimeException | Error failure) {
            FullHeap.awaitRoom(); // else nobody would ever end the call
            refuse(unsendable(callee.host(), call, failure));
        }
    }

    /** What a call fails with that met something unexpected on its way. */
    static AlcoveException unsendable(Host host, Call call, Throwable failure) {
        // The end of Alcove cancels what is under way, and takes from it what it needs.
        return call.isCancelled() || host.isClosing()
                ? new CancelledException("cancelled before it began")
                : new AlcoveException(ErrorKind.INVALID_PARAMS, "the call could not be sent: " + failure, null);
    }

    /** Has it done once more, when it does no harm and its worker died. */
    private boolean repeats(AlcoveException failure, Worker worker) {
        boolean again = failure.kind() == ErrorKind.WORKER_DIED
                && worker.ending() == Ending.DIED
                && !repeated
                && callee.isIdempotent()
                && call.inputs().written().isEmpty()
                && !call.isCancelled();
        if (again) {
            repeated = true;
            prepareLater();
        }
        return again;
    }

    /** Takes the answer, by whoever reads. */
    private final class Answer implements Requests.Requester {
        private final Turn turn;
        private final Worker worker;

        Answer(Turn turn) {
            this.turn = turn;
            this.worker = turn.worker();
        }

        @Override
        public void began() {
            turn.began();
            call.began(worker);
        }

        @Override
        public void succeeded(Map<String, Object> result) {
            turn.answered(); // first of all: who waits for the call may come with the next at once
            keep(result.get("kept"));
            // The outputs are taken over before the call drops its inputs: one may lie in the block of an input.
            call.succeed(outputs(task.outputs(result)));
        }

        private void keep(Object kept) {
            List<String> blocks = Tree.strings(kept);
            if (!blocks.isEmpty()) {
                callee.host().memory().keep(blocks);
            }
        }

        private Outputs outputs(Object value) {
            SharedMemory memory = callee.host().memory();
            Map<String, Block> blocks = new HashMap<>();
            try {
                Values.blocksIn(value).forEach(name -> blocks.put(name, memory.borrow(name, worker, call.blocks())));
                return new Outputs(Tree.object(Values.read(value, memory, blocks)));
            } finally {
                // Each array has become a user of its own. From here on closing it gives the block back at once.
                blocks.values().forEach(memory::unuse);
            }
        }

        @Override
        public void failed(AlcoveException failure) {
            keep(failure.data().get("kept"));
            // One that lies is ended, but until then may write to what it had.
            if (!worker.isAlive() || failure.kind() == ErrorKind.PROTOCOL_VIOLATION) {
                call.spoilArrays();
                turn.failed(failure);
            } else if (failure.kind() == ErrorKind.CANCELLED) {
                turn.end();
            } else {
                turn.answered();
            }
            if (failure.kind() == ErrorKind.OUT_OF_SHARED_MEMORY) {
                callee.host().soon(() -> {
                    callee.host().memory().makeRoom(); // so that the next try may succeed
                    call.fail(failure);
                });
            } else if (!repeats(failure, worker)) {
                call.fail(failure);
            }
        }

        @Override
        public void unstarted(AlcoveException failure) {
            turn.failed(failure); // a worker that always dies before it begins must not be started for ever
            prepareLater();
        }

        @Override
        public void abandoned(AlcoveException failure) {
            call.spoilArrays();
            call.fail(failure); // its turn goes on until the worker has come to it
        }

        @Override
        public Consumer<LogLine> log() {
            return call.lines();
        }

        @Override
        public void progress(Double fraction, String message, Map<String, Object> details) {
            if (task.beginsRow(fraction)) {
                call.beganAgain();
            }
            call.report(Progress.of(Progress.Stage.OP, fraction, message, details));
        }
    }
}
