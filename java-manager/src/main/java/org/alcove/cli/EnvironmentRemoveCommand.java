package org.alcove.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove env remove NAME}. */
@Command(
        name = "remove",
        description = "Removes environments. One that an op needs is made again when it is next called.",
        footer = {"", "Example: alcove env remove cells-1a2b3c4d"})
final class EnvironmentRemoveCommand extends EnvironmentsCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Their names, as env list shows them.")
    List<String> names;

    @Option(names = "--dry-run", description = "Only say what that would free.")
    boolean dryRun;

    EnvironmentRemoveCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) {
        List<Map<String, Object>> removed = new ArrayList<>();
        for (String name : names) {
            long freed = environments.remove(name, dryRun);
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("name", name);
            members.put("freed_bytes", freed);
            removed.add(members);
            if (!common.json) {
                console.line(dryRun
                        ? "Removing " + name + " would free " + Quantities.size(freed) + "."
                        : "Removed " + name + ", freed " + Quantities.size(freed) + ".");
            }
        }
        if (common.json) {
            JsonOutput.print(removed.size() == 1 ? removed.get(0) : removed);
        }
        return 0;
    }
}
