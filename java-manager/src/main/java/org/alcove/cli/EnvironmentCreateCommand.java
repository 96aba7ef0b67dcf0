package org.alcove.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alcove.Environment;
import org.alcove.EnvironmentInfo;
import org.alcove.EnvironmentSpec;
import org.alcove.EnvironmentUpdate;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code alcove env create FILE}. */
@Command(
        name = "create",
        description = "Makes an environment, unless it is ready: from a file, from packages, or of a Python that is there.",
        footer = {
            "",
            "Example: alcove env create environment.yml --name cells",
            "Example: alcove env create --conda-package python=3.12 --conda-package numpy --package cellpose"
        })
final class EnvironmentCreateCommand extends NetworkCommand {
    @Mixin
    WantedEnvironment wanted;

    @Option(names = "--dry-run", description = "Only show what would be installed.")
    boolean dryRun;

    @Option(names = "--yes", description = "Don't ask whether it shall replace another one of its name.")
    boolean yes;

    EnvironmentCreateCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) throws Exception {
        EnvironmentSpec spec = wanted.get();
        // A Python that is there is found without a folder, too: then no environment was made of it yet.
        Optional<Environment> ready = environments.find(spec).filter(found -> found.directory() != null);
        if (dryRun) {
            show(ready.isPresent()
                    ? nothing(ready.get())
                    : console.step("look what is needed", () -> environments.plan(spec, console::progress)));
        } else if (ready.isPresent() || mayMake(environments, spec.name())) {
            print(console.step("make the environment", () -> environments.create(spec, console::progress)));
        } else {
            console.line("Nothing was changed.");
        }
        return 0;
    }

    private void show(EnvironmentUpdate plan) {
        if (common.json) {
            JsonOutput.print(plan.members());
            return;
        }
        print(plan);
        List<EnvironmentUpdate.Change> changes = plan.changes();
        boolean isNew = changes.stream().allMatch(change -> change.kind() == EnvironmentUpdate.Kind.ADDED);
        String download = plan.downloadBytes() > 0 ? ", " + Quantities.size(plan.downloadBytes()) + " to download" : "";
        console.line((isNew ? "Would install " : "Would change ") + Quantities.count(changes.size(), "package") + download + ".");
    }

    /** What making an environment that is ready would change, in the words of any other plan. */
    private static EnvironmentUpdate nothing(Environment ready) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", ready.name());
        members.put("hash", ready.directory().getFileName().toString());
        members.put("changed", false);
        members.put("changes", List.of());
        members.put("download_bytes", 0L);
        members.put("kept_old", false);
        return new EnvironmentUpdate(members);
    }

    /** Says when there is another environment of this name, and asks whether a new version shall replace it. */
    private boolean mayMake(Environments environments, String name) throws IOException {
        Optional<EnvironmentInfo> other = environments.list().stream()
                .filter(each -> each.name().equals(name) && each.isCurrent() && !each.isShared())
                .filter(each -> each.state() == EnvironmentInfo.State.READY)
                .findFirst();
        if (other.isEmpty()) {
            return true;
        }
        String source = other.get().source().map(file -> "made from " + file).orElse("made from other packages");
        console.line("There is another " + name + ", " + source + "; what is made now becomes its new version.");
        // Whoever reads JSON is a program.
        return yes || common.json || console.confirms("Replace it?");
    }
}
