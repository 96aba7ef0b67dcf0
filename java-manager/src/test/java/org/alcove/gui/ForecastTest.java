package org.alcove.gui;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.alcove.Progress;
import org.junit.jupiter.api.Test;

/** How long something will still take, as far as that can be told. */
class ForecastTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void itTellsNothingEarlyAndBeginsAnewWithEachStage() {
        Forecast forecast = new Forecast();
        assertEquals(OptionalLong.empty(), forecast.secondsLeft(at(Progress.Stage.OP, 0.1), 5 * SECOND));
        assertEquals(OptionalLong.empty(), forecast.secondsLeft(at(Progress.Stage.OP, 0.3), 6 * SECOND), "one second");
        assertEquals(OptionalLong.of(14), forecast.secondsLeft(at(Progress.Stage.OP, 0.3), 9 * SECOND), "0.2 in 4 s");
        assertEquals(OptionalLong.empty(), forecast.secondsLeft(at(Progress.Stage.OP, 1.0), 9 * SECOND), "it is over");
        assertEquals(OptionalLong.empty(), forecast.secondsLeft(at(Progress.Stage.TOOLBOX, 0.5), 20 * SECOND));
        assertEquals(OptionalLong.of(6), forecast.secondsLeft(at(Progress.Stage.TOOLBOX, 0.7), 24 * SECOND));
        Progress unknown = new Progress(Progress.Stage.OP, OptionalDouble.empty(), "", Map.of());
        assertEquals(OptionalLong.empty(), forecast.secondsLeft(unknown, 30 * SECOND));
    }

    private static Progress at(Progress.Stage stage, double fraction) {
        return new Progress(stage, OptionalDouble.of(fraction), "", Map.of());
    }
}
