package org.alcove.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alcove.Progress;

/**
 * What people see on stderr: the step that is being done, redrawn in place on a terminal, a line for each new message
 * elsewhere; then how long the step took.
 */
final class Console {
    private static final int WIDTH = 78;
    private static final int BAR = 20;

    // The launcher knows; Java can't tell whether stderr is a terminal.
    private final boolean terminal = Boolean.getBoolean("alcove.terminal");
    private final PrintStream err = System.err;
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    // On Windows the launcher cannot tell, but Java can, nearly: where it is wrong, the end of the input answers "no".
    private final boolean interactive = System.getProperty("alcove.asks") == null
            ? System.console() != null
            : terminal && Boolean.getBoolean("alcove.asks");
    private boolean quiet;
    private boolean forPrograms;
    private String step = "";
    private String shown = "";
    private boolean lineIsOpen;
    private boolean over;

    /** The command has ended by itself. */
    synchronized void finish() {
        over = true;
    }

    /** The program is being ended from outside: says so, and shows nothing that comes after. */
    synchronized void stop() {
        if (!over) {
            error("Stopped.");
            over = true;
        }
    }

    /** Shows nothing from now on but errors. */
    synchronized void setQuiet(boolean quiet) {
        this.quiet = quiet;
    }

    /** Writes progress as a JSON object on each line from now on. */
    synchronized void setForPrograms(boolean forPrograms) {
        this.forPrograms = forPrograms;
    }

    /**
     * Asks a question that is answered by yes or no. True without asking where nobody could answer: in a script, and where
     * the output goes elsewhere.
     */
    boolean confirms(String question) throws IOException {
        if (!interactive || forPrograms) {
            return true;
        }
        synchronized (this) {
            erase();
            err.print(question + " [y/N] ");
            err.flush();
        }
        String answer = new BufferedReader(new InputStreamReader(System.in)).readLine();
        return answer != null && answer.strip().matches("(?i)y(es)?");
    }

    /** How long each step took, in seconds, by its name. */
    synchronized Map<String, Double> seconds() {
        return new LinkedHashMap<>(seconds);
    }

    /** Does one step of a command, and says what it is and how long it took. */
    <T> T step(String name, Callable<T> action) throws Exception {
        synchronized (this) {
            step = name;
            draw("", "");
        }
        long start = System.nanoTime();
        T result = action.call();
        double took = (System.nanoTime() - start) / 1e9;
        synchronized (this) {
            seconds.put(name, took);
            if (forPrograms) {
                tell(Map.of("step", name, "seconds", took));
            }
            line(String.format(Locale.ROOT, "%9s  %s", duration(took), name));
            step = "";
        }
        return result;
    }

    /** Shows progress of the current step. */
    synchronized void progress(Progress progress) {
        if (forPrograms) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("stage", Words.of(progress.stage()));
            members.put("fraction", progress.fraction().isPresent() ? progress.fraction().getAsDouble() : null);
            members.put("message", progress.message());
            members.put("details", progress.details());
            tell(members);
            return;
        }
        if (progress.stage() == Progress.Stage.MEMORY) {
            line(progress.message()); // a notice, which stays
            return;
        }
        String bar = "";
        if (progress.fraction().isPresent()) {
            bar = bar(progress.fraction().getAsDouble());
        }
        draw(bar, progress.message());
    }

    /** Prints a line of its own. */
    synchronized void line(String text) {
        if (!quiet && !over && !forPrograms) {
            erase();
            err.println(text);
        }
    }

    /** Tells programs of something; people see nothing. */
    synchronized void event(Map<String, Object> members) {
        if (forPrograms) {
            tell(members);
        }
    }

    /** Says something that people read as a line, and programs as a message. */
    synchronized void notice(String stage, String text) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("stage", stage);
        members.put("fraction", null);
        members.put("message", text);
        members.put("details", Map.of());
        event(members);
        line(text);
    }

    /** Shows on a terminal how much of something is done. */
    synchronized void bar(double fraction, String text) {
        if (terminal) {
            draw(bar(fraction), text);
        }
    }

    /** Prints a line of its own where no bar shows the same. */
    synchronized void lineWithoutTerminal(String text) {
        if (!terminal) {
            line(" ".repeat(11) + text);
        }
    }

    private static String bar(double fraction) {
        int done = (int) Math.round(fraction * BAR);
        return "[" + "#".repeat(done) + ".".repeat(BAR - done) + "] ";
    }

    private void tell(Map<String, Object> members) {
        if (!quiet && !over) {
            err.println(JsonOutput.text(members));
        }
    }

    /** Prints what went wrong, even when quiet. */
    synchronized void error(String text) {
        if (!over) {
            erase();
            err.println(text);
        }
    }

    /** Text of somebody else's without what a terminal would take for a command. */
    static String harmless(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    static String duration(double seconds) {
        if (seconds < 0.9995) {
            return String.format(Locale.ROOT, seconds < 0.00995 ? "%.1f ms" : "%.0f ms", seconds * 1000);
        }
        return String.format(Locale.ROOT, "%.1f s", seconds);
    }

    private void draw(String bar, String message) {
        if (quiet || over || forPrograms || message.isEmpty() && !terminal) {
            return;
        }
        if (terminal) {
            String text = " ".repeat(11) + bar + (message.isEmpty() ? step + " ..." : message);
            erase();
            err.print(text.length() > WIDTH ? text.substring(0, WIDTH) : text);
            err.flush();
            lineIsOpen = true;
        } else if (!message.replaceAll("[0-9.,]+", "#").equals(shown)) {
            // In a log file a counter that goes up is noise.
            err.println(" ".repeat(11) + message);
            shown = message.replaceAll("[0-9.,]+", "#");
        }
    }

    private void erase() {
        if (lineIsOpen) {
            err.print("\r" + " ".repeat(WIDTH) + "\r");
            lineIsOpen = false;
        }
    }
}
