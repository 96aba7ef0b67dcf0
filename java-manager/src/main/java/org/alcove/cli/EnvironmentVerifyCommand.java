package org.alcove.cli;

import org.alcove.EnvironmentCheck;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove env verify NAME}. */
@Command(
        name = "verify",
        description = "Compares every file of an environment with what its packages say. The exit code is 1 when something "
                + "is damaged, and was not repaired.",
        footer = {"", "Example: alcove env verify cells --repair"})
final class EnvironmentVerifyCommand extends NetworkCommand {
    @Parameters(paramLabel = "NAME", description = "Its name, as env list shows it.")
    String name;

    @Option(names = "--repair", description = "Make it anew from its lock file when something is damaged.")
    boolean repair;

    EnvironmentVerifyCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) throws Exception {
        EnvironmentCheck check = console.step(repair ? "verify and repair" : "verify", () -> repair
                ? environments.repair(name, console::progress)
                : environments.verify(name, console::progress));
        boolean sound = check.damages().isEmpty() || check.isRepaired();
        if (common.json) {
            JsonOutput.print(check.members());
            return sound ? 0 : 1;
        }
        Columns columns = new Columns("  ");
        check.damages().forEach(damage -> columns.add(damage.problem(), damage.packageName(), damage.path()));
        columns.print();
        String damaged = Quantities.count(check.damages().size(), "damaged file");
        if (check.damages().isEmpty()) {
            console.line(name + ": all " + Quantities.count(check.files(), "file") + " are as they were installed.");
        } else if (check.isRepaired()) {
            console.line(name + " had " + damaged + " and was made anew.");
        } else {
            console.error("error: " + name + " has " + damaged + " of " + check.files());
            console.error("hint: alcove env verify " + name + " --repair makes it anew");
        }
        return sound ? 0 : 1;
    }
}
