package org.alcove.batch;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One item of a batch: what the op is called with once.
 *
 * @param name what reports call it, unique in its batch. Slashes make folders of it: of {@code plate1/A01.tif} the outputs
 *     are named after {@code plate1} and {@code A01}
 * @param inputs values by parameter name, as {@link org.alcove.Op#call} takes them; for an array also the Path of an image
 *     file, which the batch reads
 */
public record BatchItem(String name, Map<String, Object> inputs) {
    /** An item that cannot be changed any more. */
    public BatchItem {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs)); // with nulls in it, as Map.copyOf has not
    }

    /** The inputs that a cell of a table can hold, as they stand there. */
    Map<String, Object> given() {
        Map<String, Object> given = new LinkedHashMap<>();
        inputs.forEach((name, value) -> {
            if (value == null || value instanceof Number || value instanceof Boolean || value instanceof CharSequence) {
                given.put(name, value instanceof CharSequence ? value.toString() : value);
            }
        });
        return given;
    }

    /** An image file for one input, named by where it lies in {@code folder}. */
    public static BatchItem of(String input, Path file, Path folder) {
        Path absolute = file.toAbsolutePath().normalize();
        Path base = folder.toAbsolutePath().normalize();
        Path name = absolute.startsWith(base) ? base.relativize(absolute) : absolute.getFileName();
        return new BatchItem(name.toString().replace('\\', '/'), Map.of(input, absolute));
    }
}
