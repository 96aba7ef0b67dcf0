package org.alcove;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.alcove.WorkerInfo.State;

/**
 * What one worker says about its life, for those who look at it: {@link Workers}, the host's state file, its log file.
 * Each method is quick, does no I/O, and may be called on any thread.
 */
final class WorkerEvents {
    private static final int LAST_LINES = 10;

    /** What those who look may ask of the worker. */
    interface Watched {
        /** What its processes use now. */
        ProcessUsage usage();

        /** Whether it answers questions. Waits for that, a second or two. */
        boolean isResponsive();

        /** Ends it because a user wants that; a call that runs in it fails. */
        void stopOnRequest();
    }

    private final Workers workers;
    private final Launch launch;
    private final Allotment allotment;
    private final Watched watched;
    private final LogFile.Source log;
    private Instant started = Instant.now(); // guarded by this, as are the next
    private BoundedLog lines;
    private long pid;
    private State state = State.STARTING;
    private Instant since = started;
    private String op;
    private String lastOp;
    private long callsDone;
    private String reason = "";
    private boolean isResponsive = true;

    WorkerEvents(Workers workers, LogFile file, Launch launch, Allotment allotment, Watched watched) {
        this.workers = workers;
        this.launch = launch;
        this.allotment = allotment;
        this.watched = watched;
        this.log = file.source();
    }

    /** Its process is there: starting. {@code written} is what it writes to stderr. */
    void started(long pid, List<String> command, BoundedLog written) {
        synchronized (this) {
            this.pid = pid;
            this.lines = written;
            this.started = Instant.now();
        }
        log.say(pid, "starting for " + launch.name() + " (" + launch.purpose() + "): " + String.join(" ", command));
        workers.add(this);
        enter(State.STARTING, "");
    }

    /** It has answered for the first time: idle. {@code pid} is the interpreter's own, where a wrapper stands before it. */
    void ready(long pid) {
        String first;
        long milliseconds;
        synchronized (this) {
            first = this.pid == pid ? "" : ", started as process " + this.pid;
            milliseconds = Duration.between(started, Instant.now()).toMillis();
            this.pid = pid;
        }
        log.say(pid, "ready after " + milliseconds + " ms" + first);
        enter(State.IDLE, "");
    }

    /** It begins with a request; {@code op} is an op's id, or says what else it does. */
    void busy(String op) {
        BoundedLog written;
        synchronized (this) {
            this.op = op;
            lastOp = op;
            written = lines;
        }
        if (written != null) {
            written.nextCall();
        }
        enter(State.BUSY, "");
    }

    /** What it was busy with has ended, well or not. */
    void idle() {
        synchronized (this) {
            callsDone++;
            op = null;
            if (state == State.BUSY) {
                lastOp = null; // else its end ended that
            }
        }
        enter(State.IDLE, "");
    }

    /** A line that it has written to stderr, on the thread that drains it. */
    void line(String text) {
        log.line(pid(), "stderr", text);
        workers.changed(this);
    }

    /** The params of a {@code log} notification: a record of Python's logging. */
    void record(Map<String, Object> params) {
        LogLine line = LogLine.of(params);
        log.line(pid(), line.level().getName().toLowerCase(java.util.Locale.ROOT) + " " + line.logger(), line.text());
    }

    /** It was asked to end. */
    void stopping(String why) {
        enter(State.STOPPING, why);
    }

    /** It has ended; {@code how} says so in a few words. */
    void gone(String how) {
        String doing;
        synchronized (this) {
            doing = lastOp == null ? "" : "; it was busy with " + name(lastOp);
        }
        log.say(pid(), "ended: " + how + doing);
        enter(State.GONE, how);
        workers.remove(this);
    }

    private void enter(State next, String why) {
        synchronized (this) {
            if (state == State.GONE || state == State.STOPPING && next != State.GONE) {
                return;
            }
            state = next;
            since = Instant.now();
            reason = why;
            isResponsive = true;
        }
        workers.changed(this);
    }

    /** Asks a worker that has been busy for long whether it still answers. Waits for that. */
    void examine(Duration busyFor) {
        Instant asked = Instant.now();
        boolean isLong;
        synchronized (this) {
            isLong = state == State.BUSY && since.plus(busyFor).isBefore(asked);
        }
        if (!isLong) {
            return;
        }
        boolean answers = watched.isResponsive();
        synchronized (this) {
            if (isResponsive == answers || state != State.BUSY || since.isAfter(asked)) {
                return;
            }
            isResponsive = answers;
        }
        log.say(pid(), answers ? "answers again" : "does not answer: C code holds the interpreter's lock, or it is stopped");
        workers.changed(this);
    }

    Watched watched() {
        return watched;
    }

    synchronized long pid() {
        return pid;
    }

    synchronized boolean isBusy() {
        return state == State.BUSY;
    }

    /** Of an op, from its id. */
    private static String name(String op) {
        return op.matches("[0-9a-f]{12}:.+") ? op.substring(op.indexOf(':') + 1) : op;
    }

    /** As it is now, but for what it uses, which has to be looked up. */
    synchronized WorkerInfo info() {
        List<String> all = lines == null ? List.of() : lines.lines();
        return new WorkerInfo(
                pid,
                ProcessHandle.current().pid(),
                launch.name(),
                launch.purpose(),
                state,
                Optional.ofNullable(op).map(WorkerEvents::name),
                since,
                started,
                callsDone,
                OptionalLong.empty(),
                OptionalDouble.empty(),
                allotment.threads(),
                Optional.ofNullable(allotment.gpu()),
                isResponsive,
                all.subList(Math.max(0, all.size() - LAST_LINES), all.size()),
                reason);
    }

    /** As it is now, and what it uses. */
    WorkerInfo infoWithUsage() {
        WorkerInfo info = info();
        return info.state() == State.GONE ? info : info.using(watched.usage());
    }

    /** Of workers of this launch, of which no more are started. */
    static WorkerInfo failed(Launch launch, AlcoveException why) {
        Instant now = Instant.now();
        return new WorkerInfo(
                0,
                ProcessHandle.current().pid(),
                launch.name(),
                launch.purpose(),
                State.FAILED,
                Optional.empty(),
                now,
                now,
                0,
                OptionalLong.empty(),
                OptionalDouble.empty(),
                0,
                Optional.empty(),
                true,
                List.of(),
                why.getMessage());
    }
}
