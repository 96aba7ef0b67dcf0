package org.alcove;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * pip, whose wheel lies in the jar: Debian's Python comes without, and with our own every machine has the same. It runs
 * from the wheel and is installed nowhere.
 */
final class PipWheel {
    static final String NAME = "pip-26.3-py3-none-any.whl";
    // A thread ends Python with us, when its stdin ends. The wheel comes first on sys.path.
    private static final String GUARDED_PIP = "import os, runpy, sys, threading; "
            + "threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start(); "
            + "sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('pip', run_name='__main__', alter_sys=True)";
    // They would send the packages elsewhere, or contradict the pins. Everything else that is set for pip holds, be it
    // an index or a proxy; containers of GPU vendors, for one, set PIP_CONSTRAINT.
    private static final Set<String> CONTRADICTING = Set.of(
            "PIP_CONSTRAINT", "PIP_DRY_RUN", "PIP_IGNORE_INSTALLED", "PIP_NO_BINARY", "PIP_NO_DEPS", "PIP_ONLY_BINARY",
            "PIP_PREFIX", "PIP_PYTHON", "PIP_REQUIREMENT", "PIP_REQUIRE_VIRTUALENV", "PIP_ROOT", "PIP_TARGET", "PIP_USER");

    private PipWheel() {}

    /** Writes the wheel into a folder. */
    static Path unpack(Path folder) throws IOException {
        Path wheel = folder.resolve(NAME);
        try (InputStream content = PipWheel.class.getResourceAsStream("/toolbox/" + NAME)) {
            if (content == null) {
                throw new IllegalStateException("the jar lacks pip's wheel; it was not built by the project's build");
            }
            Files.copy(content, wheel);
        }
        return wheel;
    }

    /** Runs pip for the environment that the interpreter belongs to. */
    static Command command(Path interpreter, Path wheel, NetworkSettings network, List<String> arguments) {
        List<String> line = new ArrayList<>(
                List.of(interpreter.toString(), "-X", "utf8", "-c", GUARDED_PIP, wheel.toString()));
        line.addAll(arguments);
        return new Command(line, variables -> {
            variables.keySet().removeAll(CONTRADICTING);
            variables.putAll(Map.of("PIP_DISABLE_PIP_VERSION_CHECK", "1", "PIP_NO_INPUT", "1", "PYTHONUNBUFFERED", "1"));
            network.passOn(variables);
            network.certificates().ifPresent(file -> variables.putIfAbsent("PIP_CERT", file.toString()));
        });
    }
}
