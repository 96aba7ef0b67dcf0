package org.alcove;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Looks once a second whether a worker uses more memory than it may, while it is busy. */
final class MemoryWatch {
    private static final long MILLISECONDS_BETWEEN_LOOKS = 1000;

    private final Host host;
    private final long limitBytes;
    private final BooleanSupplier isBusy;
    private final LongSupplier usedBytes;
    private final LongConsumer onExceeded;
    private final AtomicBoolean runs = new AtomicBoolean();

    /**
     * @param limitBytes 0 for none
     * @param onExceeded hears of what was used, on a thread that it may block
     */
    MemoryWatch(Host host, long limitBytes, BooleanSupplier isBusy, LongSupplier usedBytes, LongConsumer onExceeded) {
        this.host = host;
        this.limitBytes = limitBytes;
        this.isBusy = isBusy;
        this.usedBytes = usedBytes;
        this.onExceeded = onExceeded;
    }

    /** The worker is busy. Quick. */
    void begin() {
        if (limitBytes > 0 && runs.compareAndSet(false, true)) {
            host.later(MILLISECONDS_BETWEEN_LOOKS, this::look);
        }
    }

    private void look() {
        if (!isBusy.getAsBoolean()) {
            runs.set(false);
            if (isBusy.getAsBoolean()) { // it has become so before it could see that nobody looks
                begin();
            }
            return;
        }
        long used = usedBytes.getAsLong();
        if (used > limitBytes) {
            onExceeded.accept(used);
        } else {
            host.later(MILLISECONDS_BETWEEN_LOOKS, this::look);
        }
    }
}
