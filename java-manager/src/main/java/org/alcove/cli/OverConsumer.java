package org.alcove.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Takes all that follows {@code --over} up to the next option: a shell may have made many files of one pattern. */
final class OverConsumer implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> arguments, ArgSpec argument, CommandSpec command) {
        List<String> group = new ArrayList<>();
        while (!arguments.isEmpty() && !isOption(arguments.peek(), command) && !isOpFile(arguments.peek(), group)) {
            group.add(arguments.pop());
        }
        if (group.isEmpty()) {
            throw new ParameterException(command.commandLine(), "--over needs name=VALUES");
        }
        List<List<String>> groups = argument.getValue();
        groups.add(group);
    }

    private static boolean isOption(String argument, CommandSpec command) {
        return command.optionsMap().containsKey(argument.split("=", 2)[0]);
    }

    /** Which files come before it is no reason to take the op for one of them. */
    private static boolean isOpFile(String argument, List<String> group) {
        return !group.isEmpty() && argument.matches(".*\\.py(:\\w+)?");
    }
}
