package org.alcove.gui;

import java.math.RoundingMode;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;

/** Sizes and times as people say them. */
final class Quantities {
    private static final int HOURS_OF_A_DAY = 24;
    private static final int DAYS_OF_A_MONTH = 30;
    private static final int DAYS_OF_A_YEAR = 365;
    private static final double MOST_AS_SUCH = 99.5;
    private static final double SIXTY = 60;

    private Quantities() {}

    /** A number of bytes: {@code 812 kB}, {@code 38 MB}, {@code 1.2 GB}. */
    static String size(long bytes) {
        if (bytes == 0) {
            return Words.of("Quantities.noBytes");
        }
        if (bytes < 999_500) {
            return Words.of("Quantities.kilobytes", decimal(Math.max(1, bytes / 1e3), 0));
        }
        return bytes < 999_500_000
                ? Words.of("Quantities.megabytes", decimal(bytes / 1e6, bytes < 9_950_000 ? 1 : 0))
                : Words.of("Quantities.gigabytes", decimal(bytes / 1e9, 1));
    }

    /** How long ago something was: {@code 3 days ago}. */
    static String ago(Instant then, Instant now) {
        Duration since = Duration.between(then, now);
        if (since.toMinutes() < 1) {
            return Words.of("Quantities.justNow"); // or later than now, by a clock that was set back
        }
        if (since.toHours() < 1) {
            return Words.of("Quantities.minutesAgo", since.toMinutes());
        }
        if (since.toHours() < HOURS_OF_A_DAY) {
            return Words.of("Quantities.hoursAgo", since.toHours());
        }
        long days = since.toDays();
        if (days < DAYS_OF_A_MONTH) {
            return Words.of("Quantities.daysAgo", days);
        }
        return days < DAYS_OF_A_YEAR
                ? Words.of("Quantities.monthsAgo", days / DAYS_OF_A_MONTH)
                : Words.of("Quantities.yearsAgo", days / DAYS_OF_A_YEAR);
    }

    static String ago(Instant then) {
        return ago(then, Instant.now());
    }

    /** A time in little room: {@code 12 s}, {@code 3 min}, {@code 5.2 h}. */
    static String brief(Duration time) {
        double seconds = Math.max(0, time.toMillis() / 1e3);
        if (seconds < MOST_AS_SUCH) {
            return Words.of("Quantities.seconds", decimal(seconds, 0));
        }
        double minutes = seconds / SIXTY;
        return minutes < MOST_AS_SUCH
                ? Words.of("Quantities.minutes", decimal(minutes, 0))
                : Words.of("Quantities.hours", decimal(minutes / SIXTY, 1));
    }

    private static String decimal(double number, int digits) {
        NumberFormat format = NumberFormat.getInstance(Words.language());
        format.setMinimumFractionDigits(digits);
        format.setMaximumFractionDigits(digits);
        format.setRoundingMode(RoundingMode.HALF_UP);
        return format.format(number);
    }
}
