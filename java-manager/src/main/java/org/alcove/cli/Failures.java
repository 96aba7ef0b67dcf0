package org.alcove.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Tells people what went wrong and what to do next; a stack trace only with {@code --debug}. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private static final int FAILURE = 1;
    private static final int WRONG_ARGUMENTS = 2;

    private final Console console;

    Failures(Console console) {
        this.console = console;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult all) {
        ParseResult arguments = all;
        while (arguments.hasSubcommand()) {
            arguments = arguments.subcommand();
        }
        boolean debug = arguments.hasMatchedOption("--debug");
        if (failure instanceof ParameterException wrong) {
            return handleParseException(wrong, new String[0]);
        }
        if (!(failure instanceof AlcoveException)) {
            console.error("error: " + (failure.getMessage() == null ? failure.toString() : failure.getMessage()));
            console.error(debug ? trace(failure) : "hint: this is a mistake in Alcove; --debug shows where");
            return FAILURE;
        }
        AlcoveException known = (AlcoveException) failure;
        if (arguments.hasMatchedOption("--json")) {
            JsonOutput.print(Map.of("error", summary(known)));
        }
        console.error("error: " + known.getMessage());
        place(known).ifPresent(place -> console.error("  at " + place));
        mistakes(known).forEach(mistake -> console.error("  " + mistake));
        known.hint()
                .or(() -> debug ? Optional.empty() : Optional.of("--debug shows the details"))
                .ifPresent(hint -> console.error("hint: " + hint));
        if (debug) {
            console.error(details(known));
        }
        return FAILURE;
    }

    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        CommandLine line = wrong.getCommandLine();
        console.error("error: " + wrong.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(wrong, line.getErr());
        console.error("hint: " + line.getCommandSpec().qualifiedName() + " --help shows what it takes");
        return WRONG_ARGUMENTS;
    }

    private static Map<String, Object> summary(AlcoveException failure) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("kind", failure.kind().word());
        members.put("message", failure.getMessage());
        members.put("hint", failure.hint().orElse(null));
        members.put("data", failure.data());
        return members;
    }

    /** The line of the author's file that raised. */
    private static Optional<String> place(AlcoveException failure) {
        // An expected failure is the user's to mend, not the author's.
        if (failure.data().containsKey("details") || !(failure.data().get("frames") instanceof List<?> frames)) {
            return Optional.empty();
        }
        return frames.stream()
                .findFirst()
                .map(first -> (Map<?, ?>) first)
                .map(frame -> frame.get("file") + ":" + frame.get("line") + ", in " + frame.get("function"));
    }

    private static List<String> mistakes(AlcoveException failure) {
        if (failure.kind() != ErrorKind.LOAD_FAILED || !(failure.data().get("mistakes") instanceof List<?> mistakes)) {
            return List.of();
        }
        return mistakes.size() < 2
                ? List.of()
                : mistakes.stream()
                        .map(item -> (Map<?, ?>) item)
                        .map(mistake -> mistake.get("file") + ":" + mistake.get("line") + ": " + mistake.get("message")
                                + (mistake.get("hint") instanceof String hint && !hint.isEmpty() ? " (" + hint + ")" : ""))
                        .toList();
    }

    private static String details(AlcoveException failure) {
        StringBuilder text = new StringBuilder();
        if (!failure.traceback().isEmpty()) {
            text.append(failure.traceback()).append('\n');
        }
        for (String member : List.of("log", "stderr")) {
            if (failure.data().get(member) instanceof List<?> lines) {
                lines.forEach(each -> text.append("  | ").append(each).append('\n'));
            }
        }
        return text.append(trace(failure)).toString();
    }

    private static String trace(Exception failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
