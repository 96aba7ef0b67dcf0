package org.alcove.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Sizes and times as people say them. */
final class Quantities {
    private static final int HOURS_OF_A_DAY = 24;
    private static final int DAYS_OF_A_MONTH = 30;
    private static final int DAYS_OF_A_YEAR = 365;

    private Quantities() {}

    /** A number of bytes: {@code 812 kB}, {@code 38 MB}, {@code 1.2 GB}. */
    static String size(long bytes) {
        if (bytes < 999_500) {
            return bytes == 0 ? "0 MB" : Math.max(1, Math.round(bytes / 1e3)) + " kB";
        }
        return bytes < 999_500_000
                ? String.format(Locale.ROOT, bytes < 9_950_000 ? "%.1f MB" : "%.0f MB", bytes / 1e6)
                : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }

    /** How long ago something was: {@code 3 days ago}. */
    static String ago(Instant then, Instant now) {
        Duration since = Duration.between(then, now);
        if (since.toMinutes() < 1) {
            return "just now"; // or later than now, by a clock that was set back
        }
        if (since.toHours() < 1) {
            return ago(since.toMinutes(), "minute");
        }
        if (since.toHours() < HOURS_OF_A_DAY) {
            return ago(since.toHours(), "hour");
        }
        long days = since.toDays();
        if (days < DAYS_OF_A_MONTH) {
            return ago(days, "day");
        }
        return days < DAYS_OF_A_YEAR ? ago(days / DAYS_OF_A_MONTH, "month") : ago(days / DAYS_OF_A_YEAR, "year");
    }

    static String ago(Instant then) {
        return ago(then, Instant.now());
    }

    /** {@code 1 package}, {@code 2 packages}. */
    static String count(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    private static String ago(long number, String unit) {
        return count(number, unit) + " ago";
    }
}
