package org.alcove.cli;

import java.nio.file.Path;
import java.util.stream.Collectors;
import org.alcove.EnvironmentInfo;
import org.alcove.EnvironmentPackage;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code alcove env show NAME}. */
@Command(
        name = "show",
        description = "Shows everything about one environment: its packages with versions and licences, its size, what uses it.",
        footer = {"", "Example: alcove env show cells-1a2b3c4d"})
final class EnvironmentShowCommand extends EnvironmentsCommand {
    @Parameters(paramLabel = "NAME", description = "Its name, as env list shows it.")
    String name;

    EnvironmentShowCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) {
        EnvironmentInfo shown = environments.show(name);
        if (common.json) {
            JsonOutput.print(shown.members());
            return 0;
        }
        System.out.println(shown.name());
        Columns facts = new Columns("  ");
        facts.add("state", EnvironmentListCommand.state(shown));
        facts.add("made", (shown.created().map(Quantities::ago).orElse("") + " by " + shown.engine()).strip());
        facts.add("last used", shown.lastUsed().map(Quantities::ago).orElse("never"));
        facts.add("Python", shown.pythonVersion());
        if (!shown.variant().isEmpty()) {
            facts.add("variant", shown.variant());
        }
        facts.add("size", Quantities.size(shown.sizeBytes()) + "; removing it frees " + Quantities.size(shown.ownBytes()));
        facts.add("folder", shown.directory().toString());
        shown.lockFile().ifPresent(file -> facts.add("lock file", String.valueOf(file.getFileName())));
        if (!shown.usedBy().isEmpty()) {
            facts.add("used by", shown.usedBy().stream().map(Path::toString).collect(Collectors.joining(", ")));
        }
        facts.add("packages", String.valueOf(shown.packageCount()));
        facts.print();
        Columns packages = new Columns("    ");
        for (EnvironmentPackage each : shown.packages()) {
            String size = each.sizeBytes() > 0 ? Quantities.size(each.sizeBytes()) : "";
            packages.add(each.name(), each.version(), each.manager(), size, each.license());
        }
        packages.print();
        return 0;
    }
}
