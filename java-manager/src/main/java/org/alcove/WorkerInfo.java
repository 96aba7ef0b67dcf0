package org.alcove;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A worker as it was at one moment.
 *
 * @param pid its process id; 0 for a {@link State#FAILED} one, of which no process is left
 * @param host the process id of the program whose manager it works for
 * @param environment the name of the environment that it runs in
 * @param purpose what it is for: {@code ops} for those of op files, else what the toolbox does in it
 * @param state what it does
 * @param op the op that runs, empty when none does
 * @param since when it began with what it does
 * @param started when its process was started
 * @param callsDone how many calls it has ended, well or not
 * @param memory the bytes that its processes hold for themselves, shared memory of arrays not counted; empty where that
 *     cannot be told
 * @param cpuSeconds how long its processes have kept a core busy since it was started; empty where that cannot be told
 * @param threads how many threads the libraries in it may use; 0 when nothing was said
 * @param gpu the GPU that it is bound to, as {@code CUDA_VISIBLE_DEVICES} names it; empty when to none
 * @param isResponsive false while it does not answer: C code holds the interpreter's lock, or the process is stopped
 * @param lastLines what it wrote last to stdout or stderr, oldest first, 10 lines at most
 * @param reason for a {@link State#GONE} or {@link State#FAILED} one how that came; else empty
 */
public record WorkerInfo(
        long pid,
        long host,
        String environment,
        String purpose,
        State state,
        Optional<String> op,
        Instant since,
        Instant started,
        long callsDone,
        OptionalLong memory,
        OptionalDouble cpuSeconds,
        int threads,
        Optional<String> gpu,
        boolean isResponsive,
        List<String> lastLines,
        String reason) {
    /** What a worker does. */
    public enum State {
        /** Its process was started, and has not answered yet. */
        STARTING,
        /** It waits for a call. */
        IDLE,
        /** An op runs, or an op file is being loaded. */
        BUSY,
        /** It was asked to end. */
        STOPPING,
        /** It has ended. */
        GONE,
        /** Workers of this environment have died so often that none is started, until {@link Workers#reset}. */
        FAILED
    }

    /** The same worker, and what it uses. */
    WorkerInfo using(ProcessUsage usage) {
        boolean isKnown = usage.memoryBytes() > 0;
        return new WorkerInfo(
                pid,
                host,
                environment,
                purpose,
                state,
                op,
                since,
                started,
                callsDone,
                isKnown ? OptionalLong.of(usage.memoryBytes()) : OptionalLong.empty(),
                isKnown ? OptionalDouble.of(usage.cpuSeconds()) : OptionalDouble.empty(),
                threads,
                gpu,
                isResponsive,
                lastLines,
                reason);
    }
}
