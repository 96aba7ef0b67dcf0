package org.alcove;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * What a call is doing, at the moment when it was asked.
 *
 * @param state how far it has come
 * @param op the op's name; empty for what runs no op
 * @param pid the process that runs it; empty unless it runs
 * @param since when it came into this state
 * @param memoryBytes the memory of that process, arrays in shared memory left out; empty when it cannot be known
 * @param responsive whether that process answers questions. One that does not may be busy in C code that holds the
 *     interpreter's lock, or be stopped; a cancel ends it all the same. True for a call that does not run
 */
public record CallStatus(
        State state, String op, OptionalLong pid, Instant since, OptionalLong memoryBytes, boolean responsive) {
    /** How far a call has come. */
    public enum State {
        /** It waits for a worker. */
        QUEUED,
        /** Its environment is being made, a worker started, or the op file loaded. */
        PREPARING,
        /** The op runs. */
        RUNNING,
        /** It has ended. */
        DONE
    }
}
