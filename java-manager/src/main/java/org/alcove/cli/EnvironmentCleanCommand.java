package org.alcove.cli;

import org.alcove.EnvironmentCleanup;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code alcove env clean}. */
@Command(
        name = "clean",
        description = "Shows what nobody needs, then removes it: remains of what ended too early, earlier versions of "
                + "environments, and on request caches and environments that were not used for long.",
        footer = {"", "Example: alcove env clean --unused 90 --caches --dry-run"})
final class EnvironmentCleanCommand extends EnvironmentsCommand {
    @Option(names = "--unused", paramLabel = "DAYS", defaultValue = "-1",
            description = "Also remove environments that nobody has used for so many days.")
    int unusedDays;

    @Option(names = "--caches", description = "Also empty the caches: what is needed again is downloaded again.")
    boolean caches;

    @Option(names = "--dry-run", description = "Only show what would be removed.")
    boolean dryRun;

    @Option(names = "--yes", description = "Don't ask.")
    boolean yes;

    EnvironmentCleanCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) throws Exception {
        EnvironmentCleanup found = console.step("look what can go", () -> clean(environments, true));
        if (!common.json) {
            print(found);
        }
        boolean apply = !dryRun
                && !found.items().isEmpty()
                && (yes || console.confirms("Remove this, and free " + Quantities.size(found.freedBytes()) + "?"));
        EnvironmentCleanup done = apply ? console.step("clean", () -> clean(environments, false)) : found;
        if (common.json) {
            JsonOutput.print(done.members());
        } else if (apply) {
            console.line("Freed " + Quantities.size(done.freedBytes()) + ".");
        } else {
            console.line(found.items().isEmpty()
                    ? "There is nothing to remove."
                    : "Nothing was removed; it would free " + Quantities.size(found.freedBytes()) + ".");
        }
        return 0;
    }

    private EnvironmentCleanup clean(Environments environments, boolean only) {
        return environments.clean(unusedDays, caches, only, console::progress);
    }

    private static void print(EnvironmentCleanup cleanup) {
        Columns columns = new Columns("  ");
        for (EnvironmentCleanup.Item item : cleanup.items()) {
            columns.add(item.kind(), item.name(), Quantities.size(item.bytes()), item.reason());
        }
        columns.print();
    }
}
