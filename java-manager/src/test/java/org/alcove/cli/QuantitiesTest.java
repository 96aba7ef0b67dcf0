package org.alcove.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes and times as people say them. */
class QuantitiesTest {
    private static final Instant NOW = Instant.parse("2025-01-02T03:04:05Z");

    @ParameterizedTest
    @CsvSource({
        "0, 0 MB",
        "1, 1 kB",
        "999499, 999 kB",
        "999500, 1.0 MB",
        "9949999, 9.9 MB",
        "9950000, 10 MB",
        "999499999, 999 MB",
        "999500000, 1.0 GB",
        "1234567890123, 1234.6 GB"
    })
    void sizes(long bytes, String said) {
        assertEquals(said, Quantities.size(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "PT59S, just now",
        "PT1M, 1 minute ago",
        "PT59M, 59 minutes ago",
        "PT23H, 23 hours ago",
        "P1D, 1 day ago",
        "P29D, 29 days ago",
        "P30D, 1 month ago",
        "P364D, 12 months ago",
        "P800D, 2 years ago"
    })
    void times(Duration since, String said) {
        assertEquals(said, Quantities.ago(NOW.minus(since), NOW));
    }

    @Test
    void aClockThatWasSetBackIsNoMistake() {
        assertEquals("just now", Quantities.ago(NOW.plus(Duration.ofDays(3)), NOW));
    }
}
