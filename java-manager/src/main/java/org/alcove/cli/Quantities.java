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

    /** A time in little room: {@code 0.4 s}, {@code 12 s}, {@code 3 min}, {@code 5.2 h}, {@code 9 days}. */
    static String brief(Duration time) {
        double seconds = Math.max(0, time.toMillis() / 1e3);
        if (seconds < 9.95) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        if (seconds < 99.5) {
            return Math.round(seconds) + " s";
        }
        double minutes = seconds / 60;
        if (minutes < 99.5) {
            return Math.round(minutes) + " min";
        }
        double hours = minutes / 60;
        return hours < 99.5 ? String.format(Locale.ROOT, "%.1f h", hours) : count(Math.round(hours / HOURS_OF_A_DAY), "day");
    }

    /** {@code 1 package}, {@code 2 packages}. */
    static String count(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    private static String ago(long number, String unit) {
        return count(number, unit) + " ago";
    }
}
