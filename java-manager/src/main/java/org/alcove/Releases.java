package org.alcove;

import java.util.ArrayList;
import java.util.List;

/**
 * Blocks that a worker lent and the host has done with. The worker hears of them together with its next request: a message
 * of their own would wake it for nothing. Safe for threads.
 */
final class Releases {
    private List<String> blocks = new ArrayList<>();

    /** Adds the end of one loan for each entry. */
    synchronized void add(List<String> more) {
        blocks.addAll(more);
    }

    /** What has waited; it does so no longer. */
    synchronized List<String> take() {
        if (blocks.isEmpty()) {
            return List.of();
        }
        List<String> waited = blocks;
        blocks = new ArrayList<>();
        return waited;
    }
}
