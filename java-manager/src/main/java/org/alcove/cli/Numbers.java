package org.alcove.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers as people type them. */
final class Numbers {
    private Numbers() {}

    /** A count that makes sense. */
    static final class FromOne implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            try {
                int number = Integer.parseInt(text.strip());
                if (number > 0) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // said below
            }
            throw new TypeConversionException("expected a number from 1 on, not '" + text + "'");
        }
    }

    /** {@code 90}, {@code 90s}, {@code 1.5m}, {@code 1h30m}. */
    static final class Time implements ITypeConverter<Duration> {
        private static final Pattern WHOLE = Pattern.compile("(\\d+(\\.\\d+)?(s|min|m|h)?)+");
        private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(s|min|m|h)?");

        @Override
        public Duration convert(String text) {
            double seconds = 0;
            if (WHOLE.matcher(text.strip()).matches()) {
                Matcher parts = PART.matcher(text);
                while (parts.find()) {
                    seconds += Double.parseDouble(parts.group(1)) * seconds(parts.group(2));
                }
            }
            if (seconds <= 0) {
                throw new TypeConversionException("expected a time as 90s, 10m or 1h30m, not '" + text + "'");
            }
            return Duration.ofMillis(Math.max(1, Math.round(seconds * 1000)));
        }

        private static int seconds(String unit) {
            return unit == null || unit.equals("s") ? 1 : unit.equals("h") ? 3600 : 60;
        }
    }
}
