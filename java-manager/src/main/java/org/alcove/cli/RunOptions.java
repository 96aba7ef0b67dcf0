package org.alcove.cli;

import java.nio.file.Path;
import org.alcove.Adaptation;
import org.alcove.EnvironmentSpec;
import org.alcove.Settings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How an op is run, once or for many items. */
final class RunOptions {
    @Option(names = "--python", paramLabel = "PATH",
            description = "Run in this interpreter, as it is, instead of the environment that the file asks for.")
    private Path python;

    @Option(names = "--adapt", paramLabel = "strict|lossless|convert", defaultValue = "lossless",
            description = "How far an image is made to fit that has other axes or another dtype than the op declares: "
                    + "refused; iterated, and converted where no value changes (the default); or converted anyhow.")
    Adaptation adaptation;

    @Option(names = "--variant", paramLabel = "auto|gpu|cpu", defaultValue = "auto",
            description = "Which variant of the environment, where the file has some (default: what this machine has).")
    private WantedEnvironment.Variant variant;

    @Mixin
    private OfflineOption network;

    Settings settings() {
        return new Settings().offline(network.offline);
    }

    EnvironmentSpec environment(OpReference wanted) {
        return wanted.environment(python).withVariant(Words.of(variant));
    }
}
