package org.alcove;

import java.util.Map;

/** What all copies of an op have in common. What its descriptor says to every call is read from it once. */
final class Callee {
    static final long MILLISECONDS_OF_GRACE = 5000;

    private final Host host;
    private final WorkerPool workers;
    private final OpSource source;
    private final String name;
    private final Map<String, Object> descriptor;
    private final Preparation preparation;
    private final Signature signature;
    private final String timedAs;
    private final long grace;
    private final boolean usesGpu;
    private final boolean isIdempotent;
    private final long memory;

    /**
     * An op.
     *
     * @param source where it is defined
     * @param preparation finds or makes its environment
     */
    Callee(
            Host host,
            WorkerPool workers,
            OpSource source,
            String name,
            Map<String, Object> descriptor,
            Preparation preparation) {
        this.host = host;
        this.workers = workers;
        this.source = source;
        this.name = name;
        this.descriptor = descriptor;
        this.preparation = preparation;
        this.signature = new Signature(descriptor);
        this.timedAs = source.value() + ":" + name;
        Double seconds = Tree.decimal(descriptor.get("grace"));
        this.grace = seconds == null ? MILLISECONDS_OF_GRACE : (long) (seconds * 1000);
        this.usesGpu = Boolean.TRUE.equals(descriptor.get("gpu"));
        this.isIdempotent = Boolean.TRUE.equals(descriptor.get("idempotent"));
        this.memory = Tree.number(descriptor.get("memory"), 0);
    }

    Host host() {
        return host;
    }

    WorkerPool workers() {
        return workers;
    }

    OpSource source() {
        return source;
    }

    String name() {
        return name;
    }

    Map<String, Object> descriptor() {
        return descriptor;
    }

    Preparation preparation() {
        return preparation;
    }

    /** What it takes. */
    Signature signature() {
        return signature;
    }

    /** By what its run time is remembered. */
    String timedAs() {
        return timedAs;
    }

    /** How long a call may take to end after its cancel, in milliseconds. */
    long grace() {
        return grace;
    }

    /** Whether it needs a graphics card. */
    boolean usesGpu() {
        return usesGpu;
    }

    /** Whether its author says that running it twice does no harm. */
    boolean isIdempotent() {
        return isIdempotent;
    }

    /** How much memory one call needs, in bytes; 0 when its author did not say. */
    long memory() {
        return memory;
    }
}
