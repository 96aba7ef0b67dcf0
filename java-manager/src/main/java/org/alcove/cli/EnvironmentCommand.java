package org.alcove.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code alcove env ...}. */
@Command(
        name = "env",
        description = "Makes, changes, checks, moves and removes environments. Op files need none of this: their "
                + "environments are made when they are first called.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            EnvironmentListCommand.class,
            EnvironmentShowCommand.class,
            EnvironmentUsageCommand.class,
            EnvironmentCreateCommand.class,
            EnvironmentUpdateCommand.class,
            EnvironmentLockCommand.class,
            EnvironmentVerifyCommand.class,
            EnvironmentExportCommand.class,
            EnvironmentRenameCommand.class,
            EnvironmentRemoveCommand.class,
            EnvironmentCleanCommand.class,
            EnvironmentPackCommand.class,
            EnvironmentUnpackCommand.class,
            EnvironmentSettingsCommand.class
        },
        footer = {"", "Example: alcove env create environment.yml"})
final class EnvironmentCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
    boolean help;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "which command? " + String.join(", ", spec.subcommands().keySet()));
    }
}
