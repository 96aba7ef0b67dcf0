package org.alcove.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.alcove.ErrorKind;
import org.alcove.batch.BatchOutcome;
import org.alcove.batch.BatchProgress;
import org.alcove.batch.BatchStatus;

/**
 * What people see of a batch: on a terminal a bar, elsewhere a line now and then, and the first of the items that failed.
 * Programs hear of every item.
 */
final class BatchDisplay {
    private static final int MOST_FAILURES = 10;
    private static final long SECONDS_AT_FIRST = 10;
    private static final long SECONDS_LATER = 60;

    private final Console console;
    private final long start = System.nanoTime();
    private long lastLine;
    private int failures;

    BatchDisplay(Console console) {
        this.console = console;
    }

    void progress(BatchProgress progress) {
        console.event(members(progress));
        console.bar(fraction(progress), text(progress, "/"));
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        if (seconds - lastLine >= (seconds > SECONDS_LATER ? SECONDS_LATER : SECONDS_AT_FIRST)) {
            lastLine = seconds;
            console.lineWithoutTerminal(text(progress, " of "));
        }
    }

    void outcome(BatchOutcome outcome) {
        console.event(members(outcome));
        if (outcome.status() != BatchStatus.DONE && ++failures <= MOST_FAILURES) {
            console.line(outcome.item() + " " + outcome.status().word() + ": " + firstLine(outcome.message()));
            if (failures == MOST_FAILURES) {
                console.line("What else fails stands in the report");
            }
        }
    }

    private static double fraction(BatchProgress progress) {
        long total = progress.total().orElse(0);
        return total == 0 ? 0 : (double) ended(progress) / total;
    }

    private static long ended(BatchProgress progress) {
        return progress.done() + progress.failed() + progress.skipped();
    }

    static String text(BatchProgress progress, String of) {
        if (progress.stage() != BatchProgress.Stage.RUNNING) {
            return progress.stage() == BatchProgress.Stage.CHECKING ? "looking what is done" : "joining what came out";
        }
        StringBuilder text = new StringBuilder().append(ended(progress));
        progress.total().ifPresent(total -> text.append(of).append(total));
        text.append(progress.failed() > 0 ? ", " + progress.failed() + " failed" : "");
        text.append(progress.perSecond() > 0 ? ", " + rate(progress.perSecond()) : "");
        progress.secondsLeft().ifPresent(left -> text.append(", ").append(left(left)));
        return text.toString();
    }

    private static String rate(double perSecond) {
        double perMinute = perSecond * 60;
        if (perSecond >= 1) {
            return number(perSecond) + "/s";
        }
        return perMinute >= 1 ? number(perMinute) + "/min" : number(perMinute * 60) + "/h";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    }

    private static String left(double seconds) {
        long minutes = Math.round(seconds / 60);
        if (seconds < 90) {
            return Math.max(1, Math.round(seconds)) + " s left";
        }
        return minutes < 60 ? minutes + " min left" : minutes / 60 + " h " + minutes % 60 + " min left";
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** In the form of all progress, so that a program which shows no batches shows this. */
    private static Map<String, Object> members(BatchProgress progress) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("stage", Words.of(progress.stage()));
        details.put("done", progress.done());
        details.put("failed", progress.failed());
        details.put("skipped", progress.skipped());
        details.put("total", progress.total().isPresent() ? progress.total().getAsLong() : null);
        details.put("per_second", progress.perSecond());
        details.put("seconds_left", progress.secondsLeft().isPresent() ? progress.secondsLeft().getAsDouble() : null);
        details.put("running", progress.running());
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("stage", "batch");
        members.put("fraction", progress.total().isPresent() ? fraction(progress) : null);
        members.put("message", text(progress, " of "));
        members.put("details", details);
        return members;
    }

    private static Map<String, Object> members(BatchOutcome outcome) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("item", outcome.item());
        members.put("status", outcome.status().word());
        members.put("kind", outcome.kind().map(ErrorKind::word).orElse(null));
        members.put("message", outcome.message());
        members.put("seconds", outcome.seconds());
        members.put("worker", outcome.worker().isPresent() ? outcome.worker().getAsLong() : null);
        members.put("files", outcome.files());
        members.put("values", outcome.values());
        return members;
    }
}
