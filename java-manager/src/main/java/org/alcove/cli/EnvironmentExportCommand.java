package org.alcove.cli;

import java.nio.file.Path;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove env export NAME}. */
@Command(
        name = "export",
        description = "Writes an environment as a file for conda, pip, uv or pixi.",
        footer = {"", "Example: alcove env export cells --format requirements.txt -o requirements.txt"})
final class EnvironmentExportCommand extends EnvironmentsCommand {
    @Parameters(paramLabel = "NAME", description = "Its name, as env list shows it.")
    String name;

    @Option(names = "--format", paramLabel = "FORMAT",
            description = "environment.yml, requirements.txt, conda-lock.yml, pixi.lock or pylock.toml (default: the output "
                    + "file's name, else environment.yml).")
    String format;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "Write it to this file instead of stdout.")
    Path output;

    EnvironmentExportCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) throws Exception {
        deliver(environments.export(name, format()), output, "");
        return 0;
    }

    private String format() {
        if (format != null) {
            return format;
        }
        String file = output == null ? "" : output.getFileName().toString();
        return file.matches("requirements.txt|conda-lock.yml|pixi.lock|pylock.toml") ? file : "environment.yml";
    }
}
