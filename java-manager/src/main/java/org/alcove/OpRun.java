package org.alcove;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A call of an op on its way: to its environment, to a worker when it is its turn, and back with what the worker answered. */
final class OpRun extends Errand {
    private final Callee callee;
    private final CallSettings settings;
    private final Task task;
    private final String timedAs;
    private final AtomicBoolean inBacklog = new AtomicBoolean();
    private Launch launch;
    private boolean repeated;
    private boolean lookedAgain;

    OpRun(Callee callee, CallSettings settings, Call call, Task task) {
        super(call, callee.source(), settings.caller() == null ? Thread.currentThread() : settings.caller(), settings.workers());
        this.callee = callee;
        this.settings = settings;
        this.task = task;
        this.timedAs = task.isOneRun() ? source.value() + ":" + callee.name() : null;
    }

    /** Goes as far as it can on this thread, which will wait for the call's end. */
    void run() {
        attempt(() -> {
            Turn turn = enter(callee.preparation().now(call), true);
            if (turn != null) {
                begin(turn);
            }
        });
    }

    /** Returns at once. It counts among those of its caller that wait, until it has its turn. */
    void runLater() {
        inBacklog.set(true);
        prepareLater();
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

    /**
     * Its environment is there. Does not block.
     *
     * @param goes whether the caller will {@link #begin} its turn, on a thread that may block
     * @return null when it has to wait for that, or has ended
     */
    Turn submit(Launch found, boolean goes) {
        try {
            return enter(found, goes);
        } catch (AlcoveException failure) {
            refuse(failure);
        } catch (RuntimeException | Error failure) {
            FullHeap.awaitRoom();
            refuse(unsendable(callee.host(), call, failure));
        }
        return null;
    }

    private Turn enter(Launch found, boolean goes) {
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
        return timedAs;
    }

    @Override
    long memory() {
        return callee.memory();
    }

    @Override
    void begin(Turn turn) {
        leaveBacklog();
        attempt(() -> {
            try {
                send(turn);
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

    private void send(Turn turn) {
        if (call.isCancelled()) {
            throw new CancelledException("cancelled before it began");
        }
        if (!turn.needsNoLoading()) {
            call.preparing();
        }
        Worker worker = turn.worker();
        String id = worker.load(source, callee.name(), call, callee.grace());
        turn.loaded();
        worker.run(task, id, settings.adaptation(), call, callee.grace(), new Answer(turn));
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

    /** Takes the answer, on the worker's reading thread. */
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
            callee.host().memory().keep(Tree.strings(result.get("kept")));
            // The outputs are taken over before the call drops its inputs: one may lie in the block of an input.
            call.succeed(outputs(task.outputs(result)));
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
            callee.host().memory().keep(Tree.strings(failure.data().get("kept")));
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
