package org.alcove;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a report says of a machine. */
final class SystemFacts {
    /** Of all variables those that change what Alcove, Python, libraries or the loader do. */
    private static final Pattern TELLING = Pattern.compile(
            "(?i)(ALCOVE|PYTHON|CONDA|MAMBA|PIXI|UV|PIP|OMP|MKL|OPENBLAS|NUMEXPR|NUMBA|CUDA|NVIDIA|ROCR|HIP|XDG|LC|SLURM|SSL|JAVA|JDK|"
                    + "MALLOC|LD|DYLD|DOCKER|WSL)_.*|VIRTUAL_ENV|(HTTPS?|ALL|NO)_PROXY|LANG|LANGUAGE|PATH|TMPDIR|TEMP|TMP|TERM|SHELL|"
                    + "DISPLAY|WAYLAND_DISPLAY|CI|JAVA_HOME");
    private static final List<String> FILES = List.of(
            "/etc/os-release", "/proc/version", "/proc/meminfo", "/proc/self/limits", "/proc/self/cgroup",
            "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/pids.max", "/proc/driver/nvidia/version",
            "/proc/sys/vm/overcommit_memory", "/proc/loadavg");

    private SystemFacts() {}

    /** System, Java, the disks of these folders, and what Linux says of itself. */
    static String text(List<Path> folders) {
        Runtime java = Runtime.getRuntime();
        StringBuilder text = new StringBuilder();
        line(text, "Alcove", Alcove.version());
        line(text, "system", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
        line(text, "Java", property("java.vm.name") + " " + property("java.vm.version") + " by " + property("java.vendor"));
        line(text, "cores", String.valueOf(java.availableProcessors()));
        line(text, "Java's memory", java.totalMemory() / 1_000_000 + " MB of " + java.maxMemory() / 1_000_000 + " MB");
        line(text, "encoding", property("file.encoding") + ", of file names " + property("sun.jnu.encoding"));
        folders.forEach(folder -> line(text, "disk", folder + ": " + disk(folder)));
        for (String file : FILES) {
            if (Files.isReadable(Path.of(file))) {
                text.append("\n").append(file).append("\n").append(read(Path.of(file)));
            }
        }
        return text.toString();
    }

    /** Those variables that tell something; of the others not even the names. */
    static String variables(Map<String, String> variables) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(variables).forEach((name, value) -> {
            if (TELLING.matcher(name).matches()) {
                text.append(name).append('=').append(value).append('\n');
            }
        });
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format("%-14s %s%n", name, value));
    }

    private static String property(String name) {
        return System.getProperty(name, "?");
    }

    private static String disk(Path folder) {
        Path existing = folder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            FileStore store = Files.getFileStore(existing);
            return store.type() + ", " + store.getUsableSpace() / 1_000_000 + " MB free of "
                    + store.getTotalSpace() / 1_000_000 + " MB" + (Files.isWritable(existing) ? "" : ", not writable");
        } catch (IOException e) {
            return Folders.reason(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException | RuntimeException e) {
            return "could not be read\n";
        }
    }
}
