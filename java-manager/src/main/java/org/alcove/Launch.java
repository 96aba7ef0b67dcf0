package org.alcove;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * How a worker is started. Workers with equal launches are interchangeable.
 *
 * @param environment where it runs; its in-use lock is taken by the worker
 * @param packageDirectory the folder that holds the Python package {@code alcove}
 * @param purpose tells workers of one environment apart that must not wait for each other
 */
record Launch(Environment environment, Path packageDirectory, String purpose) {
    /** The purpose of workers that change environments: one after the other, whoever asks for it. */
    static final String CHANGING = "environments";

    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

    // The package's folder comes first on sys.path, in place of the working directory, whose files must not be imported
    // by accident. PYTHONPATH would do the same, but child processes with another Python would inherit it.
    private static final String BOOT =
            "import sys; sys.path[0] = sys.argv.pop(1); from alcove.%s import main; sys.exit(main())";

    /** Each call looks for its workers by this, and the hash of all members would cost as much as the rest of the look. */
    @Override
    public int hashCode() {
        return 31 * environment.python().hashCode() + purpose.hashCode();
    }

    /** What messages call it. */
    String name() {
        return environment.name();
    }

    /** The interpreter. */
    Path python() {
        return environment.python();
    }

    /** What stands for the content of the environment: its folder is named after that; of others the interpreter is known. */
    String contentName() {
        return String.valueOf(environmentDirectory() == null ? python() : environmentDirectory().getFileName());
    }

    /** The environment whose in-use lock is taken, or null. */
    Path environmentDirectory() {
        return environment.directory();
    }

    /**
     * Starts something; and once more, in what is there then, when the environment was removed after it was looked for and
     * before a process could say that it uses it.
     *
     * @param looking finds the environment, or makes it
     */
    static <T> T using(Supplier<Launch> looking, Function<Launch, T> start) {
        Launch launch = looking.get();
        try {
            return start.apply(launch);
        } catch (AlcoveException failure) {
            if (!launch.cameTooLate(failure)) {
                throw failure;
            }
        }
        return start.apply(looking.get());
    }

    /** Whether it failed because the environment was removed after it was looked for. */
    boolean cameTooLate(AlcoveException failure) {
        // Where the environment has been made again since, the worker's word counts.
        return failure.kind() == ErrorKind.INVALID_PARAMS && "environment.directory".equals(failure.data().get("path"))
                || failure.kind() == ErrorKind.START_FAILED && !isThere();
    }

    /** Whether there is one worker at most. */
    boolean isSingle() {
        return purpose.equals(CHANGING);
    }

    /** Whether the environment has not been removed. While a process uses it, it is not. */
    boolean isThere() {
        return environmentDirectory() == null || Files.exists(environmentDirectory().resolve(Environment.MARKER));
    }

    /** Whether the other is of another version of the same environment, and would do the same. */
    boolean isOtherVersionOf(Launch other) {
        Path folder = environmentDirectory() == null ? null : environmentDirectory().getParent();
        Path otherFolder = other.environmentDirectory() == null ? null : other.environmentDirectory().getParent();
        return !equals(other) && folder != null && folder.equals(otherFolder) && purpose.equals(other.purpose);
    }

    /** A worker. */
    ProcessBuilder processBuilder(Allotment allotment) {
        ProcessBuilder builder = processBuilder("__main__", List.of("worker"));
        allot(builder.environment(), allotment);
        return builder;
    }

    /** Tells libraries what of the machine they get; whoever has said something about threads is right. */
    static void allot(Map<String, String> variables, Allotment allotment) {
        if (allotment.threads() > 0) {
            ThreadCounts.set(variables, allotment.threads());
        }
        if (allotment.gpu() != null) {
            variables.put("CUDA_VISIBLE_DEVICES", allotment.gpu());
        }
    }

    /** Simple mode, in a process that ends with this one; {@code alcove.hosted} says how. */
    ProcessBuilder simpleMode(Path lease, List<String> arguments) {
        List<String> all = new ArrayList<>();
        all.add(lease.toString());
        all.add(environmentDirectory() == null ? "" : environmentDirectory().toString());
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
            if (Thread.currentThread().isInterrupted()) {
                throw new CancelledException("interrupted while " + what + " for " + name() + " was started");
            }
            throw new AlcoveException(
                    ErrorKind.START_FAILED,
                    what + " for " + name() + " could not be started: " + e.getMessage(),
                    "remove the environment and try again: its Python may have been removed or upgraded",
                    Map.of("command", builder.command()));
        }
    }

    private ProcessBuilder processBuilder(String module, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                python().toString(), "-X", "utf8", "-c", BOOT.formatted(module), packageDirectory.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        activate(builder.environment(), environment, WINDOWS);
        return builder;
    }

    /** Makes the variables of this process, or of the shell that it was started from, those of a process in the environment. */
    static void activate(Map<String, String> variables, Environment environment, boolean windows) {
        removeForeign(variables);
        variables.put("PYTHONNOUSERSITE", "1");
        variables.put("MPLBACKEND", "Agg");
        environment.variables().forEach((name, value) -> {
            variables.keySet().removeIf(other -> isSame(name, other, windows));
            if (value != null) {
                variables.put(name, value);
            }
        });
        // Windows has "Path" there as a rule. A second one beside it that differs in case might be the one that counts.
        String name = variables.keySet().stream()
                .filter(other -> isSame("PATH", other, windows))
                .findFirst()
                .orElse("PATH");
        String first = environment.path().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        if (!first.isEmpty()) {
            variables.merge(name, first, (path, added) -> path.isEmpty() ? added : added + File.pathSeparator + path);
        }
    }

    private static boolean isSame(String name, String other, boolean windows) {
        return windows ? name.equalsIgnoreCase(other) : name.equals(other);
    }

    /**
     * Takes out what belongs to another Python: it would change what is imported. What a user says about the machine
     * ({@code CONDA_OVERRIDE_CUDA}) holds for all environments.
     */
    static void removeForeign(Map<String, String> variables) {
        variables.keySet().removeIf(name -> name.startsWith("PYTHON")
                || name.startsWith("CONDA") && !name.startsWith("CONDA_OVERRIDE_")
                || name.startsWith("_CONDA")
                || name.equals("VIRTUAL_ENV")
                || name.equals("__PYVENV_LAUNCHER__"));
    }
}
