package org.alcove.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alcove.EnvironmentSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an environment shall hold, as typed: a file, or packages one by one, or a Python that is there. */
final class WantedEnvironment {
    /** Which build of its packages is wanted. */
    enum Variant {
        AUTO,
        GPU,
        CPU
    }

    @Parameters(index = "0", arity = "0..1", paramLabel = "FILE",
            description = "environment.yml, requirements.txt, pyproject.toml, pixi.toml, an op file (.py), or a lock file: "
                    + "conda-lock.yml, pixi.lock, pylock.toml.")
    Path file;

    @Option(names = "--conda-package", paramLabel = "SPEC",
            description = "A conda package, as \"numpy>=1.26\"; for several, give it several times.")
    List<String> conda = new ArrayList<>();

    @Option(names = "--package", paramLabel = "SPEC", description = "A Python package, as pip takes it, as \"cellpose>=3\".")
    List<String> pip = new ArrayList<>();

    @Option(names = "--channel", paramLabel = "CHANNEL",
            description = "Where conda packages come from: a name or URL (default: conda-forge).")
    List<String> channels = new ArrayList<>();

    @Option(names = "--python-version", paramLabel = "RANGE", defaultValue = "",
            description = "Which Python, as 3.12 or \">=3.10\".")
    String pythonVersion;

    @Option(names = "--python", paramLabel = "PATH",
            description = "Use this Python, or the conda or virtual environment in this folder, as it is.")
    Path python;

    @Option(names = "--name", paramLabel = "NAME", description = "What to call it (default: after the file).")
    String name;

    @Option(names = "--engine", paramLabel = "ENGINE", defaultValue = "auto",
            description = "What makes it: rattler, uv, micromamba (default: rattler where conda packages are asked for, "
                    + "else uv).")
    String engine;

    @Option(names = "--variant", paramLabel = "auto|gpu|cpu", defaultValue = "auto",
            description = "Which variant, where there are some (default: what this machine has).")
    Variant variant;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** What was typed, checked for contradictions. */
    EnvironmentSpec get() {
        boolean packages = !conda.isEmpty() || !pip.isEmpty();
        int ways = (file != null ? 1 : 0) + (packages ? 1 : 0) + (python != null ? 1 : 0);
        if (ways != 1) {
            throw wrong(ways == 0
                    ? "what shall be in it? give a FILE, or --conda-package and --package, or --python"
                    : "give one of FILE, packages and --python");
        }
        if (!packages && (!channels.isEmpty() || !pythonVersion.isEmpty())) {
            throw wrong("--channel and --python-version go with --conda-package and --package");
        }
        if (python != null && !Files.exists(python)) {
            throw wrong("there is no Python at " + python);
        }
        EnvironmentSpec wanted = wanted();
        wanted = engine.equals("auto") ? wanted : wanted.withEngine(engine);
        wanted = wanted.withVariant(Words.of(variant));
        return name == null ? wanted : wanted.withName(name);
    }

    private EnvironmentSpec wanted() {
        if (python != null) {
            return EnvironmentSpec.existing(python);
        }
        return file != null
                ? EnvironmentSpec.fromFile(file)
                : EnvironmentSpec.ofPackages(conda, pip, channels, pythonVersion);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
