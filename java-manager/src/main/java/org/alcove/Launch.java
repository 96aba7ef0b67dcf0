package org.alcove;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a worker is started. Workers with equal launches are interchangeable.
 *
 * @param name what messages call it: the environment's name
 * @param python the interpreter
 * @param environmentDirectory the environment whose in-use lock the worker takes, or null
 * @param packageDirectory the folder that holds the Python package {@code alcove}
 * @param purpose tells workers of one environment apart that must not wait for each other
 */
record Launch(String name, Path python, Path environmentDirectory, Path packageDirectory, String purpose) {
    // The package's folder comes first on sys.path, in place of the working directory, whose files must not be imported
    // by accident. PYTHONPATH would do the same, but child processes with another Python would inherit it.
    private static final String BOOT =
            "import sys; sys.path[0] = sys.argv.pop(1); from alcove.%s import main; sys.exit(main())";

    /** A worker. */
    ProcessBuilder processBuilder() {
        return processBuilder("__main__", List.of("worker"));
    }

    /** Simple mode, in a process that ends with this one; {@code alcove.hosted} says how. */
    ProcessBuilder simpleMode(Path lease, List<String> arguments) {
        List<String> all = new ArrayList<>();
        all.add(lease.toString());
        all.add(environmentDirectory == null ? "" : environmentDirectory.toString());
        all.addAll(arguments);
        return processBuilder("hosted", all);
    }

    /**
     * Starts what {@link #processBuilder} or {@link #simpleMode} gave.
     *
     * @param what names it in the message: "the worker" or the like
     * @throws AlcoveException {@link ErrorKind#START_FAILED}
     */
    Process start(ProcessBuilder builder, String what) {
        try {
            return Launcher.start(builder);
        } catch (IOException e) {
            throw new AlcoveException(
                    ErrorKind.START_FAILED,
                    what + " for " + name + " could not be started: " + e.getMessage(),
                    "remove the environment and try again: its Python may have been removed or upgraded",
                    Map.of("command", builder.command()));
        }
    }

    private ProcessBuilder processBuilder(String module, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                python.toString(), "-X", "utf8", "-c", BOOT.formatted(module), packageDirectory.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> variables = builder.environment();
        removeForeign(variables);
        variables.put("PYTHONNOUSERSITE", "1");
        variables.put("MPLBACKEND", "Agg");
        Path programs = python.getParent();
        if (programs != null) {
            variables.merge("PATH", programs.toString(), (path, first) -> first + File.pathSeparator + path);
        }
        return builder;
    }

    /** Takes out what belongs to another Python: it would change what is imported. */
    static void removeForeign(Map<String, String> variables) {
        variables.keySet().removeIf(name -> name.startsWith("PYTHON")
                || name.startsWith("CONDA")
                || name.startsWith("_CONDA")
                || name.equals("VIRTUAL_ENV")
                || name.equals("__PYVENV_LAUNCHER__"));
    }
}
