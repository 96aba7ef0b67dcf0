package org.alcove;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.alcove.CallStatus.State;

/** How far a call has come, since when, and in which process; and the deadline of its run. */
final class CallCourse {
    private static final long MILLISECONDS_FOR_STATUS = 1000;

    private final String op;
    private State state = State.PREPARING; // guarded by this, as are the next
    private long since = System.nanoTime(); // cheaper than an Instant, of which each call would make four
    private Call.Runner runner;
    private long latestPid; // 0 for none
    private long began;
    private Deadline deadline;

    CallCourse(String op) {
        this.op = op;
    }

    synchronized void limit(Deadline time) {
        deadline = time;
    }

    /** It waits, for the first time or once more: the time until its deadline is not running. */
    synchronized void waits(State next) {
        if (state != State.DONE) {
            enter(next, null);
            if (deadline != null) {
                deadline.pause();
            }
        }
    }

    /** The op runs. */
    synchronized void runs(Call.Runner where) {
        if (state != State.DONE) {
            enter(State.RUNNING, where);
            began = since;
            latestPid = where.pid();
            runsAgain();
        }
    }

    /** One of several runs begins; each has the whole time until the deadline. */
    synchronized void runsAgain() {
        if (deadline != null && state == State.RUNNING) {
            deadline.start();
        }
    }

    synchronized void ends() {
        enter(State.DONE, null);
        if (deadline != null) {
            deadline.pause();
        }
    }

    private void enter(State next, Call.Runner where) {
        state = next;
        since = System.nanoTime();
        runner = where;
    }

    /** What it is doing. Asks the process that runs it, which may take a second if that does not answer. */
    CallStatus status() {
        Call.Runner running;
        long then;
        synchronized (this) {
            running = runner;
            then = since;
        }
        boolean answers = running == null || running.status(MILLISECONDS_FOR_STATUS).isPresent();
        OptionalLong memory = running == null ? OptionalLong.empty() : running.memoryBytes();
        synchronized (this) {
            if (running == null || running != runner) { // it has gone on meanwhile
                return new CallStatus(state, op, OptionalLong.empty(), instant(since), OptionalLong.empty(), true);
            }
        }
        return new CallStatus(State.RUNNING, op, OptionalLong.of(running.pid()), instant(then), memory, answers);
    }

    private static Instant instant(long nanoseconds) {
        long ago = System.nanoTime() - nanoseconds; // first, or it would be before its time
        return Instant.now().minusNanos(ago);
    }

    /** The process that runs it, or ran it last; empty when none has begun with it. */
    synchronized OptionalLong worker() {
        return latestPid == 0 ? OptionalLong.empty() : OptionalLong.of(latestPid);
    }

    /** How long that process has been at it, or was. */
    synchronized Duration runTime() {
        return latestPid == 0 ? Duration.ZERO : Duration.ofNanos((state == State.DONE ? since : System.nanoTime()) - began);
    }
}
