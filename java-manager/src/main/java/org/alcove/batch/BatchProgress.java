package org.alcove.batch;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How far a batch is.
 *
 * @param stage what is being done
 * @param done how many items were done in this run
 * @param failed how many items failed in this run, those that are quarantined included
 * @param skipped how many items an earlier run had ended
 * @param total how many items there are, where that is known
 * @param perSecond how many items end in a second, of late
 * @param secondsLeft how long it may still take, where that can be told
 * @param running the names of the items that the op is working on
 */
public record BatchProgress(
        Stage stage,
        long done,
        long failed,
        long skipped,
        OptionalLong total,
        double perSecond,
        OptionalDouble secondsLeft,
        List<String> running) {
    /** What a batch is doing. */
    public enum Stage {
        /** The items and what earlier runs left are looked through; the environment is made where it is missing. */
        CHECKING,
        /** Items run. */
        RUNNING,
        /** The report is written, and tables are joined. */
        FINISHING
    }
}
