package org.alcove.cli;

import org.alcove.Alcove;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program itself; all work is done by its subcommands. */
@Command(
        name = "alcove",
        description = "Runs Python functions on images, each in the environment that it needs.",
        mixinStandardHelpOptions = true,
        versionProvider = AlcoveCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            BatchCommand.class,
            OpsCommand.class,
            DescribeCommand.class,
            ValidateCommand.class,
            EnvironmentCommand.class,
            WorkersCommand.class,
            ImageJCommand.class,
            GuiCommand.class,
            DoctorCommand.class,
            HelpCommand.class
        },
        footer = {"", "Begin with: alcove demo"})
final class AlcoveCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    /** The line that {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Alcove " + Alcove.version()};
        }
    }
}
