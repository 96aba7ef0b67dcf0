package org.alcove.catalog;

import java.nio.file.Path;
import java.util.List;

/**
 * What a user is asked before an op file runs for the first time, or after it has changed.
 *
 * @param file the op file
 * @param changed whether the user agreed to another content of it
 * @param modules the local files that it imports, and those that they import; last the file of its environment, where its
 *     header names one
 * @param dependencies what its header asks for, as written there; conda's packages begin with {@code conda: }
 * @param digest stands for the contents of the op file and the modules as they were when the question was made
 */
public record TrustQuestion(Path file, boolean changed, List<Path> modules, List<String> dependencies, String digest) {
    /** Keeps copies of the lists. */
    public TrustQuestion {
        modules = List.copyOf(modules);
        dependencies = List.copyOf(dependencies);
    }
}
