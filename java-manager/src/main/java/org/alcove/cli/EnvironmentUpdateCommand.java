package org.alcove.cli;

import java.nio.file.Path;
import org.alcove.EnvironmentSpec;
import org.alcove.EnvironmentUpdate;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove env update NAME}. */
@Command(
        name = "update",
        description = "Shows what newer packages there are, then makes the environment anew with them. Programs that run "
                + "in it go on in the version before.",
        footer = {"", "Example: alcove env update cells --dry-run"})
final class EnvironmentUpdateCommand extends NetworkCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "Its name, as env list shows it.")
    String name;

    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE",
            description = "What it shall hold from now on (default: what it was made from).")
    Path file;

    @Option(names = "--dry-run", description = "Only show what would change.")
    boolean dryRun;

    @Option(names = "--yes", description = "Don't ask.")
    boolean yes;

    EnvironmentUpdateCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) throws Exception {
        EnvironmentSpec spec = file == null ? null : EnvironmentSpec.fromFile(file).withName(name);
        EnvironmentUpdate plan = console.step("look what changes", () -> spec == null
                ? environments.plan(name, console::progress)
                : environments.plan(spec, console::progress));
        if (!common.json) {
            print(plan);
            if (plan.downloadBytes() > 0) {
                System.out.println("To download: " + Quantities.size(plan.downloadBytes()));
            }
        }
        boolean apply = !dryRun && plan.isChange() && (yes || console.confirms("Update " + name + "?"));
        if (!apply) {
            return unchanged(plan);
        }
        EnvironmentUpdate done = console.step("update " + name, () -> spec == null
                ? environments.update(name, console::progress)
                : environments.update(spec, console::progress));
        if (common.json) {
            JsonOutput.print(done.members());
        } else {
            console.line("Updated " + name + "." + (done.isOldKept()
                    ? " Programs that run in the version before go on; it goes when they have ended."
                    : ""));
        }
        return 0;
    }

    private int unchanged(EnvironmentUpdate plan) {
        if (common.json) {
            JsonOutput.print(plan.members());
        } else {
            console.line(plan.isChange() ? "Nothing was changed." : name + " is up to date.");
        }
        return 0;
    }
}
