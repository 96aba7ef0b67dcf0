package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at what Alcove needs on this machine, and says what is wrong and how to mend it. It mends nothing by itself. */
public final class Doctor {
    private static final long LITTLE_DISK = 2L << 30;
    private static final long LITTLE_MEMORY = 256L << 20;

    /** How good a finding is. */
    public enum Status {
        /** As it should be. */
        OK,
        /** It works, but may not for long or not for everything. */
        WARNING,
        /** It does not work. */
        PROBLEM
    }

    /**
     * One thing that was looked at.
     *
     * @param name what it is
     * @param status how good it is
     * @param value what was found
     * @param hint what to do about it; empty when it is {@link Status#OK}
     */
    public record Finding(String name, Status status, String value, String hint) {}

    private Doctor() {}

    /** Looks at everything. */
    public static List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        Places.Place data = Places.dataDirectory();
        findings.add(ok("Alcove", Alcove.version()));
        findings.add(ok("Java", System.getProperty("java.version") + " at " + System.getProperty("java.home")));
        findings.add(DoctorBootstrap.python(data.path(), System.getenv()));
        Optional<Environment> toolbox = new Toolbox(data.path(), null, System.getenv()).find();
        findings.add(toolbox.map(ready -> ok("toolbox", ready.directory().toString()))
                .orElseGet(() -> new Finding(
                        "toolbox", Status.WARNING, "not made yet, " + toMake(), "the first command that needs it makes it, or: alcove demo")));
        findings.addAll(DoctorBootstrap.settings(System.getenv()));
        findings.add(toolbox.map(Doctor::uv)
                .orElseGet(() -> new Finding("uv", Status.WARNING, "comes with the toolbox", "see toolbox")));
        findings.add(folder("data directory", data, LITTLE_DISK, "ALCOVE_DATA_DIR"));
        findings.add(folder("memory directory", Places.memoryDirectory(), LITTLE_MEMORY, "ALCOVE_MEMORY_DIR"));
        return findings;
    }

    /**
     * Writes what those need who look for a mistake on this machine into one zip file: findings, system, settings,
     * environments, workers and the last logs. Passwords and tokens, the home folder and the names of user and machine are
     * masked; names of other files are not, nor what ops print.
     *
     * @param file the file, which is replaced
     * @return the names of what is in it
     * @throws IOException when it cannot be written
     */
    public static List<String> report(Path file) throws IOException {
        return new BugReport(Places.dataDirectory().path(), Redaction.here()).write(file);
    }

    /**
     * As {@link #report(Path)}, with what is known of one failure.
     *
     * @param failure a text for {@code failure.txt}, masked as all else
     */
    public static List<String> report(Path file, String failure) throws IOException {
        return new BugReport(Places.dataDirectory().path(), Redaction.here()).about(failure).write(file);
    }

    private static String toMake() {
        return "about " + ToolboxPlan.DOWNLOAD_BYTES / 1_000_000 + " MB to download and " + ToolboxPlan.DISK_BYTES / 1_000_000
                + " MB on disk";
    }

    private static Finding uv(Environment toolbox) {
        Path programs = toolbox.python().getParent();
        Path uv = programs.resolve(toolbox.python().getFileName().toString().endsWith(".exe") ? "uv.exe" : "uv");
        return Files.isExecutable(uv)
                ? ok("uv", uv.toString())
                : new Finding("uv", Status.PROBLEM, "missing from the toolbox",
                        "remove the folder " + toolbox.directory() + "; it is made again");
    }

    private static Finding folder(String name, Places.Place place, long little, String variable) {
        Path existing = place.path();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        String value = place.path() + " (" + place.reason() + ")";
        try {
            long free = BlockFiles.freeBytes(existing);
            value += String.format(", %.1f GB free", free / 1e9);
            if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
                return new Finding(name, Status.PROBLEM, value + ", not writable",
                        "set " + variable + " to a folder that you can write to");
            }
            return free < little
                    ? new Finding(name, Status.WARNING, value,
                            "make room, or set " + variable + " to a folder on a larger disk")
                    : ok(name, value);
        } catch (IOException e) {
            return new Finding(name, Status.PROBLEM, value, "it cannot be examined: " + e.getMessage());
        }
    }

    static Finding ok(String name, String value) {
        return new Finding(name, Status.OK, value, "");
    }
}
