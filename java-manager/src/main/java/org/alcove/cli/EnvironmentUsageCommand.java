package org.alcove.cli;

import org.alcove.EnvironmentUsage;
import org.alcove.Environments;
import picocli.CommandLine.Command;

/** {@code alcove env usage}. */
@Command(
        name = "usage",
        description = "Measures how much room environments and caches take; a file that both link to counts once.",
        footer = {"", "Example: alcove env usage"})
final class EnvironmentUsageCommand extends EnvironmentsCommand {
    EnvironmentUsageCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) {
        EnvironmentUsage usage = environments.usage();
        if (common.json) {
            JsonOutput.print(usage.members());
            return 0;
        }
        Columns columns = new Columns("");
        columns.add("environments", Quantities.size(usage.environmentsBytes()));
        columns.add("caches", Quantities.size(usage.cachesBytes()));
        columns.add("both, common files once", Quantities.size(usage.totalBytes()));
        columns.print();
        return 0;
    }
}
