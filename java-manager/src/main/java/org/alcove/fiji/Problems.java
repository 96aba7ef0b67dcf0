package org.alcove.fiji;

import ij.IJ;
import ij.Macro;
import ij.macro.Interpreter;
import java.awt.GraphicsEnvironment;
import java.awt.KeyboardFocusManager;
import java.awt.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.CancelledException;
import org.alcove.ErrorKind;
import org.alcove.Mistake;
import org.alcove.catalog.OpEntry;
import org.alcove.gui.FailureWindow;

/** Says what is wrong: to people in windows, to a macro by ending it. */
final class Problems {
    private static final int LONGEST_LINE = 90;

    private Problems() {}

    /** Whether somebody sits there who can answer. */
    static boolean canAsk() {
        return !GraphicsEnvironment.isHeadless() && IJ.getInstance() != null && !Interpreter.isBatchMode();
    }

    /** The window that questions belong to: the one that its user looks at, which may be an image above ImageJ's own. */
    static Window owner() {
        Window active = KeyboardFocusManager.getCurrentKeyboardFocusManager().getActiveWindow();
        return active != null && active.isShowing() ? active : IJ.getInstance();
    }

    /** Tells of what kept a command from running. A macro that runs it ends with that. */
    static void tell(AlcoveException failure, Path file, String title) {
        tell(failure, file, title, Words.of("Problems.failed", title));
    }

    private static void tell(AlcoveException failure, Path file, String title, String windowTitle) {
        if (failure instanceof CancelledException) {
            IJ.showStatus(Words.of("Problems.cancelled", title));
            endMacro(failure.getMessage());
        } else if (!canAsk()) {
            IJ.log(title + ": " + text(failure).replaceAll("\\s+", " "));
            endMacro(failure.getMessage());
        } else if (failure.kind() == ErrorKind.INVALID_PARAMS) {
            IJ.error(title, wrapped(text(failure))); // in a macro with the line; it ends there
        } else {
            Alcove alcove = Session.current().openAlcove().orElse(null); // it knows what the op's environment holds
            FailureWindow.show(owner(), failure, file, FileOpener::open, windowTitle, alcove);
            endMacro(failure.getMessage());
        }
    }

    /** Ends the macro or script that runs in this thread, without one more window. */
    private static void endMacro(String reason) {
        if (!isMacro()) {
            return;
        }
        Interpreter macro = Interpreter.getInstance();
        if (macro != null) {
            macro.setIgnoreErrors(true); // else the next line opens a window, which nobody may be there to close
            macro.abort(reason);
        }
        Macro.abort();
    }

    /** Shows what is wrong with an op file that does not load, and the file at its first mistake. */
    static void explain(OpEntry broken) {
        Mistake first = broken.mistakes().get(0);
        AlcoveException failure = new AlcoveException(
                ErrorKind.LOAD_FAILED,
                broken.mistakes().size() == 1
                        ? first.message()
                        : Words.of("Problems.mistakes", broken.mistakes().size(), first.message()),
                first.hint().isEmpty() ? null : first.hint(),
                Map.of("mistakes", broken.mistakes().stream().map(Problems::members).toList()));
        boolean opens = canAsk() && !isMacro();
        tell(failure, broken.file(), broken.title(), Words.of("OpTitles.broken", broken.title()));
        if (opens && Files.isRegularFile(first.file())) {
            FileOpener.open(first.file(), first.line());
        }
    }

    private static boolean isMacro() {
        return Thread.currentThread().getName().startsWith("Run$_");
    }

    private static String text(AlcoveException failure) {
        String message = sentence(failure.getMessage());
        return failure.hint().map(hint -> message + "\n \n" + sentence(hint)).orElse(message);
    }

    private static String sentence(String text) {
        String end = text.matches("(?s).*[.!?]\\s*") ? "" : ".";
        boolean beginsWithWord = text.matches("(?s)[a-z]+[ ,].*"); // not with the name of a file or an input
        return (beginsWithWord ? text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) : text) + end;
    }

    /** With lines that ImageJ's message window does not become wider than the screen for. */
    private static String wrapped(String text) {
        StringBuilder lines = new StringBuilder();
        int length = 0;
        for (String word : text.split("(?<=\\s)")) {
            if (length + word.length() > LONGEST_LINE && length > 0) {
                lines.append('\n');
                length = 0;
            }
            lines.append(word);
            length = word.endsWith("\n") ? 0 : length + word.length();
        }
        return lines.toString();
    }

    /** As a worker tells of it. */
    private static Map<String, Object> members(Mistake mistake) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("file", mistake.file().toString());
        members.put("line", mistake.line());
        members.put("message", mistake.message());
        members.put("hint", mistake.hint());
        return members;
    }
}
