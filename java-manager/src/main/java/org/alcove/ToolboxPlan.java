package org.alcove;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What making the toolbox will take, for a program that asks its user first.
 *
 * @param directory the folder that it will be in
 * @param downloadBytes how much is downloaded, about: it differs by a fifth between systems and versions of Python; 0 where
 *     the wheels are on this machine
 * @param diskBytes how much room it takes then, about
 * @param freeBytes how much room there is; empty where that cannot be told
 * @param index the URL of the package index that was chosen for it, without passwords; empty when pip chooses
 * @param wheels the folder that its wheels come from, instead of an index
 * @param proxy the proxy's URL, without passwords; empty when none is set
 * @param python the Python that it is made with; empty when there is none yet
 * @param pythonSource where a Python would be downloaded from; empty when there is one, or no way to get one
 * @param offline whether nothing may be downloaded
 */
public record ToolboxPlan(
        Path directory,
        long downloadBytes,
        long diskBytes,
        OptionalLong freeBytes,
        Optional<String> index,
        Optional<Path> wheels,
        Optional<String> proxy,
        Optional<String> python,
        Optional<String> pythonSource,
        boolean offline) {
    /** As {@code envs/README.md} has it; an end-to-end test weighs a real one. */
    static final long DOWNLOAD_BYTES = 100_000_000;

    static final long DISK_BYTES = 320_000_000;
}
