package org.alcove;

import java.time.Duration;

/**
 * What an op's calls are made with; the copies of an op differ in it.
 *
 * @param adaptation how arrays are made to fit
 * @param deadline how long one run may take, null for as long as it does
 * @param workers how many workers the op's calls may have at a time, 0 for as many as the manager allows
 * @param caller on whose behalf they are, null for the thread that calls
 */
record CallSettings(Adaptation adaptation, Duration deadline, int workers, Object caller) {
    static final CallSettings USUAL = new CallSettings(Adaptation.LOSSLESS, null, 0, null);

    CallSettings with(Adaptation way) {
        return new CallSettings(way, deadline, workers, caller);
    }

    CallSettings within(Duration time) {
        return new CallSettings(adaptation, time, workers, caller);
    }

    CallSettings withWorkers(int most) {
        return new CallSettings(adaptation, deadline, most, caller);
    }

    CallSettings onBehalfOf(Object who) {
        return new CallSettings(adaptation, deadline, workers, who);
    }
}
