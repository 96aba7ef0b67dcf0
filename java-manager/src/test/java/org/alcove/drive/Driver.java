package org.alcove.drive;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Starts ImageJ with the arguments given, and then does what lines on standard input say: a command and its arguments,
 * separated by tabs. Each is answered by one line, {@code ok} or {@code failed}, a tab, and JSON.
 */
public final class Driver {
    /** What a command does with its arguments; the result is written as JSON. */
    @FunctionalInterface
    interface Action {
        Object run(List<String> arguments) throws Exception;
    }

    private final Map<String, Action> actions = new TreeMap<>();
    private final PrintStream answers;

    private Driver(PrintStream answers) {
        this.answers = answers;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
        System.setOut(System.err);
        Hands hands = new Hands();
        ij.ImageJ.main(arguments);
        Driver driver = new Driver(answers);
        WindowActions.addTo(driver.actions, hands);
        ImageActions.addTo(driver.actions);
        driver.answer("ok", "ready");
        driver.serve();
    }

    /** Ends with standard input: a test that died leaves no ImageJ behind. */
    private void serve() throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(new FileInputStream(FileDescriptor.in), "UTF-8"))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                perform(line);
            }
        }
        Runtime.getRuntime().halt(3);
    }

    private void perform(String line) {
        List<String> words = new ArrayList<>();
        for (String word : line.split("\t", -1)) {
            words.add(unescaped(word));
        }
        Action action = actions.get(words.get(0));
        if (action == null) {
            answer("failed", "no such command: " + words.get(0) + "; there are " + actions.keySet());
            return;
        }
        try {
            answer("ok", action.run(words.subList(1, words.size())));
        } catch (Exception | AssertionError e) {
            answer("failed", e.getMessage() == null ? e + " " + Arrays.toString(e.getStackTrace()) : e.getMessage());
        }
    }

    private void answer(String verdict, Object value) {
        answers.print(verdict + "\t" + JsonLine.of(value) + "\n");
        answers.flush();
    }

    private static String unescaped(String word) {
        return word.replace("\\n", "\n").replace("\\t", "\t").replace("\\b", "\\");
    }
}
