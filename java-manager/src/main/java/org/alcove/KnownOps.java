package org.alcove;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What op files were found to hold, as far as it is remembered: for menus, which must be there before anything is started.
 * It needs no manager and no Python, and never runs an op file.
 */
public final class KnownOps {
    private final Descriptions descriptions;

    /**
     * What an op file held when it was described.
     *
     * @param descriptors those of its ops; empty when it did not load
     * @param mistakes why it did not load; empty when it did
     */
    public record Found(List<Map<String, Object>> descriptors, List<Mistake> mistakes) {
        /** Keeps copies of the lists. */
        public Found {
            descriptors = List.copyOf(descriptors);
            mistakes = List.copyOf(mistakes);
        }
    }

    KnownOps(Descriptions descriptions) {
        this.descriptions = descriptions;
    }

    /** What is remembered in a data directory, which need not be there. */
    public static KnownOps in(Path dataDirectory) {
        return new KnownOps(Descriptions.in(dataDirectory, WorkerPackage.name()));
    }

    /**
     * What is remembered of an op file. Nothing when it was never described, or when it or a local module of it has changed
     * since: its contents are compared.
     */
    public Optional<Found> of(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return descriptions.known(absolute).map(known -> new Found(
                known.ops().stream().map(Tree::object).toList(),
                known.error().isEmpty() ? List.of() : Mistake.in(AlcoveException.fromWorker(known.error()), absolute)));
    }
}
