package org.alcove;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How far something is.
 *
 * @param stage what is being done
 * @param fraction from 0 to 1, empty when it cannot be known
 * @param message one line for people
 * @param details the same for programs: String, Long, Double, Boolean or null by name; empty when there is nothing to add.
 *     While an environment is being made: {@code step} (solving, downloading, linking, installing, compiling, verifying,
 *     removing or packing), {@code package}, {@code done_bytes}, {@code total_bytes}, {@code done_packages}, {@code
 *     total_packages}, {@code seconds_left} (null until it can be told), each where it is known
 */
public record Progress(Stage stage, OptionalDouble fraction, String message, Map<String, Object> details) {
    /** What is being done; all but the last only where it is needed. */
    public enum Stage {
        /** A manager is being opened whose images go through files on disk, because there is too little shared memory. */
        MEMORY,
        /** The toolbox, which makes environments and reads image files, is being made. */
        TOOLBOX,
        /** An environment is being made, changed, looked at or removed. */
        ENVIRONMENT,
        /** The op runs. */
        OP
    }

    /** Progress that cannot be changed any more. */
    public Progress {
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details)); // with nulls in it, as Map.copyOf has not
    }

    Progress as(Stage other) {
        return new Progress(other, fraction, message, details);
    }

    static Progress of(Stage stage, Double fraction, String message) {
        return of(stage, fraction, message, Map.of());
    }

    static Progress of(Stage stage, Double fraction, String message, Map<String, Object> details) {
        OptionalDouble known = fraction == null ? OptionalDouble.empty() : OptionalDouble.of(fraction);
        return new Progress(stage, known, message, details);
    }
}
