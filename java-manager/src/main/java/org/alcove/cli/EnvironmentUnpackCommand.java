package org.alcove.cli;

import java.nio.file.Path;
import org.alcove.Environment;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove env unpack FILE}. */
@Command(
        name = "unpack",
        description = "Makes an environment from a file that env pack wrote, without network.",
        footer = {"", "Example: alcove env unpack cells.alcove"})
final class EnvironmentUnpackCommand extends EnvironmentsCommand {
    @Parameters(paramLabel = "FILE", description = "What env pack wrote.")
    Path file;

    @Option(names = "--name", paramLabel = "NAME", description = "What to call it (default: as it was called).")
    String name;

    EnvironmentUnpackCommand(Console console) {
        super(console);
    }

    @Override
    boolean needsToolbox() {
        return false; // it may be in the file
    }

    @Override
    int run(Environments environments) throws Exception {
        Environment made = console.step("unpack " + file.getFileName(),
                () -> environments.unpack(file.toAbsolutePath().normalize(), name, console::progress));
        print(made);
        return 0;
    }
}
