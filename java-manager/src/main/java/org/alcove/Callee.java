package org.alcove;

import java.util.Map;

/**
 * What all copies of an op have in common.
 *
 * @param source where it is defined
 * @param preparation finds or makes its environment
 */
record Callee(
        Host host,
        WorkerPool workers,
        OpSource source,
        String name,
        Map<String, Object> descriptor,
        Preparation preparation) {
    static final long MILLISECONDS_OF_GRACE = 5000;

    /** How long a call may take to end after its cancel, in milliseconds. */
    long grace() {
        Double seconds = Tree.decimal(descriptor.get("grace"));
        return seconds == null ? MILLISECONDS_OF_GRACE : (long) (seconds * 1000);
    }

    /** Whether it needs a graphics card. */
    boolean usesGpu() {
        return Boolean.TRUE.equals(descriptor.get("gpu"));
    }

    /** Whether its author says that running it twice does no harm. */
    boolean isIdempotent() {
        return Boolean.TRUE.equals(descriptor.get("idempotent"));
    }

    /** How much memory one call needs, in bytes; 0 when its author did not say. */
    long memory() {
        return Tree.number(descriptor.get("memory"), 0);
    }
}
