package org.alcove.batch;

import java.nio.file.Path;
import org.alcove.SharedArray;

/** Reads image files for a batch, on several threads at once. */
@FunctionalInterface
public interface BatchReader {
    /** The image in a file, into shared memory of the batch's manager; the batch closes it. */
    SharedArray read(Path file) throws Exception;
}
