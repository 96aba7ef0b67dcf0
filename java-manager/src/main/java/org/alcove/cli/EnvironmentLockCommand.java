package org.alcove.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.alcove.EnvironmentSpec;
import org.alcove.EnvironmentText;
import org.alcove.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code alcove env lock FILE}. */
@Command(
        name = "lock",
        description = "Writes a lock file: every package with version, origin and hash, for one or several platforms. An "
                + "environment that is made from it is the same everywhere and for ever.",
        footer = {"", "Example: alcove env lock environment.yml --platform linux-64 --platform win-64 -o conda-lock.yml"})
final class EnvironmentLockCommand extends NetworkCommand {
    @Mixin
    WantedEnvironment wanted;

    @Option(names = "--platform", paramLabel = "PLATFORM",
            description = "linux-64, linux-aarch64, osx-64, osx-arm64, win-64 or win-arm64; for several, give it several "
                    + "times (default: those that the file names, else this one).")
    List<String> platforms = new ArrayList<>();

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "Write it to this file instead of stdout.")
    Path output;

    EnvironmentLockCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) throws Exception {
        EnvironmentSpec spec = wanted.get();
        EnvironmentText lock =
                console.step("choose the packages", () -> environments.lock(spec, platforms, console::progress));
        String counts = lock.platforms().stream()
                .map(each -> each + " (" + Quantities.count(lock.packageCount(each), "package") + ")")
                .collect(Collectors.joining(", "));
        deliver(lock, output, counts.isEmpty() ? "" : " for " + counts);
        return 0;
    }
}
