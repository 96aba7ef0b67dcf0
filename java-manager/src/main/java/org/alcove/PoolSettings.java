package org.alcove;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a pool goes by.
 *
 * @param cores of this machine, or of what this process may use of it
 * @param chosen how many workers of a kind there are at most, if somebody said so
 * @param workerMemory what a worker may use in bytes, 0 for no limit
 * @param idleTime how long a worker may have nothing to do
 * @param queueLength how many calls of one caller may wait
 * @param chosenGpus the graphics cards, if somebody said so
 */
record PoolSettings(
        int cores, OptionalInt chosen, long workerMemory, Duration idleTime, int queueLength,
        Optional<List<String>> chosenGpus) {
    static PoolSettings of(Settings settings) {
        return new PoolSettings(
                java.lang.Runtime.getRuntime().availableProcessors(),
                settings.workers(),
                settings.workerMemory(),
                settings.idleTime(),
                settings.queueLength(),
                settings.gpus());
    }

    boolean isLimitChosen() {
        return chosen.isPresent();
    }

    int limit() {
        return chosen.orElse(cores);
    }

    /** With how many threads a worker computes whose allotment says so many: 0 leaves it to its libraries, which take all. */
    int width(int threads) {
        return threads == 0 ? cores : threads;
    }

    /** What the graphics cards are called, null where there is one at most and nobody knows. */
    List<String> gpus() {
        return chosenGpus.orElseGet(Gpus::found);
    }
}
