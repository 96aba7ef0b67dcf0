package org.alcove.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alcove.Alcove;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alcove env ...}. */
@Command(
        name = "env",
        description = "Lists and removes environments.",
        subcommands = {EnvironmentCommand.ListCommand.class, EnvironmentCommand.RemoveCommand.class})
final class EnvironmentCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
    boolean help;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? list or remove");
    }

    /** {@code alcove env list}. */
    @Command(name = "list", description = "Lists the environments with state, Python, size and what they were made for.")
    static final class ListCommand extends LibraryCommand {
        ListCommand(Console console) {
            super(console);
        }

        @Override
        int run(Alcove alcove) throws Exception {
            prepare(alcove);
            List<Map<String, Object>> environments = alcove.environments().list();
            if (common.json) {
                JsonOutput.print(environments);
                return 0;
            }
            if (environments.isEmpty()) {
                console.line("No environments in " + alcove.environments().directory());
            }
            for (Map<String, Object> each : environments) {
                System.out.printf(Locale.ROOT, "%-32s %-10s Python %-8s %9s  %s%n",
                        each.get("name"),
                        Boolean.TRUE.equals(each.get("in_use")) ? "in use" : each.get("state"),
                        each.get("python_version"),
                        size(each.get("size_bytes")),
                        each.get("source"));
            }
            return 0;
        }
    }

    /** {@code alcove env remove NAME}. */
    @Command(name = "remove", description = "Removes an environment; it is made again when it is next needed.")
    static final class RemoveCommand extends LibraryCommand {
        @Parameters(paramLabel = "NAME", description = "Its name, as env list shows it.")
        String name;

        RemoveCommand(Console console) {
            super(console);
        }

        @Override
        int run(Alcove alcove) throws Exception {
            prepare(alcove);
            long freed = alcove.environments().remove(name);
            if (common.json) {
                JsonOutput.print(Map.of("name", name, "freed_bytes", freed));
            } else {
                console.line("Removed " + name + ", freed " + size(freed) + ".");
            }
            return 0;
        }
    }

    private static String size(Object bytes) {
        return String.format(Locale.ROOT, "%.1f MB", ((Number) bytes).doubleValue() / 1e6);
    }
}
