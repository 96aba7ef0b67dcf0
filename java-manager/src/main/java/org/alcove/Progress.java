package org.alcove;

import java.util.OptionalDouble;

/**
 * How far something is.
 *
 * @param stage what is being done
 * @param fraction from 0 to 1, empty when it cannot be known
 * @param message one line for people
 */
public record Progress(Stage stage, OptionalDouble fraction, String message) {
    /** What is being done; all but the last only where it is needed. */
    public enum Stage {
        /** A manager is being opened whose images go through files on disk, because there is too little shared memory. */
        MEMORY,
        /** The toolbox, which makes environments and reads image files, is being made. */
        TOOLBOX,
        /** The op's environment is being made. */
        ENVIRONMENT,
        /** The op runs. */
        OP
    }

    static Progress of(Stage stage, Double fraction, String message) {
        return new Progress(stage, fraction == null ? OptionalDouble.empty() : OptionalDouble.of(fraction), message);
    }
}
