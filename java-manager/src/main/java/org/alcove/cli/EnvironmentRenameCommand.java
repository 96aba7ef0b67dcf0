package org.alcove.cli;

import java.util.Map;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code alcove env rename NAME NEW_NAME}. */
@Command(
        name = "rename",
        description = "Gives an environment another name.",
        footer = {"", "Example: alcove env rename cells nuclei"})
final class EnvironmentRenameCommand extends EnvironmentsCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "Its name, as env list shows it.")
    String name;

    @Parameters(index = "1", paramLabel = "NEW_NAME", description = "Its new name: letters, digits, '.', '_' and '-'.")
    String newName;

    EnvironmentRenameCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) throws Exception {
        console.step("rename", () -> {
            environments.rename(name, newName, console::progress);
            return null;
        });
        if (common.json) {
            JsonOutput.print(Map.of("name", newName));
        } else {
            console.line(name + " is called " + newName + " now.");
        }
        return 0;
    }
}
