package org.alcove.batch;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.alcove.ErrorKind;

/**
 * How one item ended.
 *
 * @param item its name
 * @param status what became of it
 * @param kind what went wrong, for programs; empty when nothing did
 * @param message what went wrong, for people; empty when nothing did
 * @param seconds how long the op took
 * @param worker the process that ran it, where one did
 * @param files what was written, by output
 * @param values the outputs that need no file, by name
 */
public record BatchOutcome(
        String item,
        BatchStatus status,
        Optional<ErrorKind> kind,
        String message,
        double seconds,
        OptionalLong worker,
        Map<String, List<Path>> files,
        Map<String, Object> values) {
    /** An outcome that cannot be changed any more. */
    public BatchOutcome {
        files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values)); // with nulls in it, as Map.copyOf has not
    }
}
