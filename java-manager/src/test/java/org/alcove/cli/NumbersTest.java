package org.alcove.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** Times and counts as people type them. */
class NumbersTest {
    @ParameterizedTest
    @CsvSource({"90, 90", "90s, 90", "10m, 600", "10min, 600", "1.5m, 90", "1h30m, 5400", "2h, 7200"})
    void aTime(String text, long seconds) {
        assertEquals(Duration.ofSeconds(seconds), new Numbers.Time().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "0", "0s", "-5", "5d", "m", "1h m"})
    void noTime(String text) {
        assertThrows(TypeConversionException.class, () -> new Numbers.Time().convert(text));
    }

    @Test
    void aCount() {
        assertEquals(8, new Numbers.FromOne().convert(" 8"));
        for (String text : new String[] {"0", "-1", "1.5", "many", "99999999999"}) {
            assertThrows(TypeConversionException.class, () -> new Numbers.FromOne().convert(text));
        }
    }
}
