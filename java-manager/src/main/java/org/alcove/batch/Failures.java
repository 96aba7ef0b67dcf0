package org.alcove.batch;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Op;

/** Whose fault a failure is: the item's, which then has failed, or that of something that all items need. */
final class Failures {
    private static final Set<ErrorKind> OF_ALL = EnumSet.of(
            ErrorKind.ENVIRONMENT_FAILED,
            ErrorKind.START_FAILED,
            ErrorKind.LOAD_FAILED,
            ErrorKind.OP_NOT_FOUND,
            ErrorKind.UNSUPPORTED_PROTOCOL,
            ErrorKind.CANCELLED);
    private static final String DISK_FULL = "disk_full";

    private final Alcove alcove;
    private final BatchFolder folder;
    /** The pool has tried again what its op allows expressly. */
    private final boolean isRepeatedByThePool;
    private final boolean isRepeatable;

    Failures(Alcove alcove, Op op, BatchFolder folder) {
        Object idempotent = op.descriptor().get("idempotent");
        boolean isWrittenTo = op.inputs().stream().anyMatch(input -> input.direction().isPresent());
        this.alcove = alcove;
        this.folder = folder;
        this.isRepeatable = !Boolean.FALSE.equals(idempotent);
        this.isRepeatedByThePool = Boolean.TRUE.equals(idempotent) && !isWrittenTo;
    }

    /** Whatever was thrown, with a kind: images are read and written by ops, but to a user they are files. */
    AlcoveException understood(Throwable thrown, Work.Stage stage) {
        if (thrown instanceof AlcoveException failure) {
            boolean ofFiles = failure.kind() == ErrorKind.OP_FAILED && stage != Work.Stage.COMPUTING;
            return ofFiles ? ofFile(failure, failure.getMessage(), cause(failure)) : failure;
        }
        String message = thrown instanceof IOException e ? BatchFolder.reason(e) : thrown.toString();
        return ofFile(thrown, message, isAboutRoom(message) ? DISK_FULL : "failed");
    }

    private static AlcoveException ofFile(Throwable thrown, String message, String cause) {
        AlcoveException failure = new AlcoveException(ErrorKind.FILE_FAILED, message, hint(thrown), Map.of("cause", cause));
        failure.initCause(thrown);
        return failure;
    }

    private static String hint(Throwable thrown) {
        return thrown instanceof AlcoveException failure ? failure.hint().orElse(null) : null;
    }

    private static String cause(AlcoveException failure) {
        return failure.data().get("details") instanceof Map<?, ?> details && details.get("cause") instanceof String cause
                ? cause
                : "failed";
    }

    private static boolean isAboutRoom(String message) {
        return message.contains("No space left") || message.contains("not enough space on the disk")
                || message.contains("quota exceeded");
    }

    AlcoveException ofJournal(IOException e) {
        return BatchFolder.failure(
                "the journal of the batch cannot be used: " + BatchFolder.reason(e),
                "see that " + folder.output() + " is there and has room, and run the batch again", e);
    }

    /** Whether no more workers are started for the op, because too many died. */
    boolean isRefusal(AlcoveException failure) {
        return Boolean.TRUE.equals(failure.data().get("failed"));
    }

    /** Whether the next item would fare no better. */
    boolean concernsAll(AlcoveException failure, Work.Stage stage) {
        return OF_ALL.contains(failure.kind())
                || isRefusal(failure)
                || failure.getCause() instanceof Error
                || stage == Work.Stage.WRITING && DISK_FULL.equals(failure.data().get("cause"))
                || !folder.isThere()
                || !alcove.isOpen();
    }

    /** Whether an item whose worker has died may be tried once more. */
    boolean mayBeRepeated(Work work) {
        return work.stage != Work.Stage.COMPUTING || isRepeatable && !isRepeatedByThePool;
    }

    /** What an item is whose worker has died, and that is not tried again. */
    BatchStatus status(Work work) {
        boolean killedTwo = work.deaths > 0 || work.stage == Work.Stage.COMPUTING && isRepeatedByThePool;
        return killedTwo ? BatchStatus.QUARANTINED : BatchStatus.FAILED;
    }
}
