package org.alcove.gui;

import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.alcove.Progress;

/** How long something will still take, by how fast it was so far. */
final class Forecast {
    private static final double SECONDS_UNTIL_TOLD = 2;
    private static final double SHARE_UNTIL_TOLD = 0.02;

    private Progress.Stage stage;
    private long began;
    private double first;

    /**
     * The seconds left; empty as long as nothing can be said.
     *
     * @param now of {@link System#nanoTime}
     */
    OptionalLong secondsLeft(Progress progress, long now) {
        OptionalDouble known = progress.fraction();
        if (known.isEmpty()) {
            return OptionalLong.empty();
        }
        double share = known.getAsDouble();
        if (progress.stage() != stage || share < first) {
            stage = progress.stage();
            began = now;
            first = share;
        }
        double seconds = (now - began) / 1e9;
        double done = share - first;
        return seconds < SECONDS_UNTIL_TOLD || done < SHARE_UNTIL_TOLD || share >= 1
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(1, Math.round(seconds * (1 - share) / done)));
    }
}
