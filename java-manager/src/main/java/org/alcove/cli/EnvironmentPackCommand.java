package org.alcove.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove env pack NAME}. */
@Command(
        name = "pack",
        description = "Writes an environment to one file, from which env unpack makes it on a machine without network.",
        footer = {"", "Example: alcove env pack cells -o cells.alcove --toolbox"})
final class EnvironmentPackCommand extends EnvironmentsCommand {
    @Parameters(paramLabel = "NAME", description = "Its name, as env list shows it.")
    String name;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "The file (default: NAME.alcove).")
    Path output;

    @Option(names = "--toolbox",
            description = "Put Alcove's own toolbox in, too (about 100 MB), for a machine on which it never ran.")
    boolean toolbox;

    EnvironmentPackCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) throws Exception {
        Path file = (output == null ? Path.of(name + ".alcove") : output).toAbsolutePath().normalize();
        long bytes = console.step("pack " + name, () -> environments.pack(name, file, toolbox, console::progress));
        if (common.json) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("file", file);
            members.put("bytes", bytes);
            JsonOutput.print(members);
        } else {
            System.out.println(file);
            console.line("Wrote " + Quantities.size(bytes) + ". On the other machine: alcove env unpack " + file.getFileName());
        }
        return 0;
    }
}
