package org.alcove.cli;

/** Counts frames: those seen, those that passed between them, and those that are not as they were played. */
final class DemoTally {
    private long frames;
    private long dropped;
    private long torn;
    private long last;
    private boolean stamped;

    /** Takes a frame in; {@code sequence} counts where it has no number of its own. */
    void count(DemoFrame frame, long sequence) {
        frames++;
        // A stamp that is missing after others had one was torn off.
        if (!frame.whole() || stamped && frame.number().isEmpty()) {
            torn++;
            return;
        }
        stamped = frame.number().isPresent();
        long number = frame.number().orElse(sequence);
        if (last > 0 && number > last) {
            dropped += number - last - 1;
        }
        last = number;
    }

    long frames() {
        return frames;
    }

    long dropped() {
        return dropped;
    }

    long torn() {
        return torn;
    }

    @Override
    public String toString() {
        return "frames " + frames + ", dropped " + dropped + ", torn " + torn;
    }
}
