package org.alcove.scijava;

import org.alcove.Progress;
import org.scijava.app.StatusService;

/** Shows the progress of an op where the application shows all progress. */
final class StatusLine {
    private static final int STEPS = 1000;

    private final StatusService status;
    private final String title;

    /**
     * @param status null where the application has none
     */
    StatusLine(StatusService status, String title) {
        this.status = status;
        this.title = title;
    }

    void show(Progress progress) {
        if (status == null) {
            return;
        }
        String text = progress.message().isEmpty() ? title : title + ": " + progress.message();
        if (progress.fraction().isPresent()) {
            status.showStatus((int) (progress.fraction().getAsDouble() * STEPS), STEPS, text);
        } else {
            status.showStatus(text);
        }
    }

    void clear() {
        if (status != null) {
            status.clearStatus();
        }
    }
}
