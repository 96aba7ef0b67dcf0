package org.alcove;

/**
 * How many bytes wait for the garbage collector, and when it is to be asked to look. It sees small objects alone, and
 * may take its time however much memory they stand for. {@link SharedMemory} guards this.
 */
final class KeptViews {
    private static final long MOST_BYTES_UNLOOKED = 2L << 30;

    private final long step;
    private long bytes;
    private long collectAt;

    /** Asks after each quarter of the quota, or sooner. */
    KeptViews(long quotaBytes) {
        step = Math.min(quotaBytes / 4, MOST_BYTES_UNLOOKED);
        collectAt = step;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /** Adds; true when now is the time to ask. What is still there then is in use, and another step has to come up. */
    boolean add(long more) {
        bytes += more;
        if (bytes <= collectAt) {
            return false;
        }
        collectAt = bytes + step;
        return true;
    }

    void subtract(long less) {
        bytes -= less;
        collectAt = Math.min(collectAt, bytes + step);
    }
}
