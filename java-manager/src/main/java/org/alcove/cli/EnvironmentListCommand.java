package org.alcove.cli;

import java.util.List;
import org.alcove.EnvironmentInfo;
import org.alcove.Environments;
import picocli.CommandLine.Command;

/** {@code alcove env list}. */
@Command(
        name = "list",
        description = "Lists the environments: state, what made them, Python, size, when they were last used, and for what.",
        footer = {"", "Example: alcove env list"})
final class EnvironmentListCommand extends EnvironmentsCommand {
    EnvironmentListCommand(Console console) {
        super(console);
    }

    @Override
    boolean needsToolbox() {
        return false; // where nothing was ever made, there is nothing to list, and making it takes long
    }

    @Override
    int run(Environments environments) {
        List<EnvironmentInfo> all = environments.list();
        if (common.json) {
            JsonOutput.print(all.stream().map(EnvironmentInfo::members).toList());
            return 0;
        }
        if (all.isEmpty()) {
            console.line("No environments in " + environments.directory());
        }
        Columns columns = new Columns("");
        for (EnvironmentInfo each : all) {
            columns.add(
                    each.name(),
                    state(each),
                    each.engine(),
                    each.pythonVersion().isEmpty() ? "" : "Python " + each.pythonVersion(),
                    Quantities.size(each.sizeBytes()),
                    each.lastUsed().map(Quantities::ago).orElse("never used"),
                    each.source().map(String::valueOf).orElse(""));
        }
        columns.print();
        return 0;
    }

    /** In a word or two. */
    static String state(EnvironmentInfo environment) {
        if (environment.state() != EnvironmentInfo.State.READY) {
            return Words.of(environment.state());
        }
        String version = environment.isCurrent() ? "ready" : "old version";
        if (environment.isInUse()) {
            return environment.isCurrent() ? "in use" : "old version, in use";
        }
        return environment.isShared() ? version + ", shared" : version;
    }
}
