package org.alcove.batch;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a batch has done. The first four numbers count all items, those that earlier runs ended included.
 *
 * @param done items whose outputs are written
 * @param failed items that ended with an error
 * @param quarantined items that killed two workers
 * @param pending items that have not run, because the batch was stopped
 * @param skipped how many of the items an earlier run had ended
 * @param seconds how long this run took
 * @param report the table of all items
 * @param values the table of those outputs that need no file; empty when there are none
 * @param tables the tables that were joined
 */
public record BatchResult(
        long done,
        long failed,
        long quarantined,
        long pending,
        long skipped,
        double seconds,
        Path report,
        Optional<Path> values,
        List<Path> tables) {}
