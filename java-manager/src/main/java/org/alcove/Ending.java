package org.alcove;

/** Why a worker is no more. */
enum Ending {
    /** By itself: it crashed, an op ended it, or somebody else did. */
    DIED,
    /** It did not listen to a cancel. */
    CANCELLED,
    /** Its op took longer than it might. */
    DEADLINE,
    /** It used more memory than it might. */
    MEMORY,
    /** It was stopped: it had long had nothing to do, or its manager was closed. */
    STOPPED,
    /** It was stopped because its environment was updated. */
    RETIRED,
    /** It broke the protocol. */
    LIED,
    /** It was never ready. */
    START_FAILED;

    /** Whether this is the fault of what ran in it, so that the next one may end likewise. */
    boolean isFault() {
        return this == DIED || this == LIED || this == START_FAILED;
    }
}
