package org.alcove.batch;

import java.util.Locale;

/** What became of an item. */
public enum BatchStatus {
    /** Its outputs are written. */
    DONE,
    /** It ended with an error. */
    FAILED,
    /** It killed its worker, and one more when it was tried again. */
    QUARANTINED,
    /** It has not run yet. */
    PENDING;

    /** The word as it stands in reports, for example {@code done}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
