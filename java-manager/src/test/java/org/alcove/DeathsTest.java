package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When workers are not started any more. */
class DeathsTest {
    private long seconds;
    private final Deaths deaths = new Deaths(() -> TimeUnit.SECONDS.toNanos(seconds));

    @Test
    void sixDeathsWithinThreeMinutesAreTooMany() {
        die("ops", 5);
        assertTrue(deaths.refusal("ops").isEmpty());
        seconds = 180;
        die("ops", 1);
        AlcoveException refusal = deaths.refusal("ops").orElseThrow();
        assertEquals(ErrorKind.WORKER_DIED, refusal.kind());
        assertTrue(refusal.getMessage().contains("6 times"), refusal.getMessage());
        assertTrue(refusal.getMessage().endsWith("SIGSEGV"), refusal.getMessage());
        assertTrue(refusal.hint().isPresent());
        assertEquals(true, refusal.data().get("failed"));
        assertEquals(139, refusal.data().get("exit_code"));
        seconds = 100_000;
        assertTrue(deaths.refusal("ops").isPresent(), "until somebody resets it");
        assertTrue(deaths.isFailed());
    }

    @Test
    void oldDeathsDoNotCount() {
        die("ops", 5);
        seconds = 181;
        die("ops", 5);
        assertTrue(deaths.refusal("ops").isEmpty());
        seconds = 361;
        die("ops", 1);
        assertTrue(deaths.refusal("ops").isPresent());
    }

    @Test
    void aSuccessForgetsThem() {
        die("ops", 5);
        deaths.succeeded("ops");
        die("ops", 5);
        assertTrue(deaths.refusal("ops").isEmpty());
    }

    @Test
    void whatOneSourceDoesIsNoOtherOnes() {
        die("version 1", 5);
        deaths.succeeded("other");
        die("version 1", 1);
        assertTrue(deaths.refusal("version 1").isPresent());
        assertTrue(deaths.refusal("version 2").isEmpty(), "it was mended");
        assertTrue(deaths.refusal("other").isEmpty());
        assertTrue(deaths.refusal(null).isEmpty());
    }

    @Test
    void deathsAtTheStartHoldForAll() {
        die(null, 6);
        assertTrue(deaths.refusal("ops").isPresent());
        assertTrue(deaths.refusal(null).isPresent());
    }

    @Test
    void afterAResetItBeginsAnew() {
        die("ops", 6);
        deaths.reset();
        assertFalse(deaths.isFailed());
        die("ops", 5);
        assertTrue(deaths.refusal("ops").isEmpty());
    }

    private void die(Object source, int times) {
        for (int i = 0; i < times; i++) {
            deaths.died(source, new AlcoveException(
                    ErrorKind.WORKER_DIED, "the worker for cells ended: SIGSEGV", "call again", Map.of("exit_code", 139)));
        }
    }
}
