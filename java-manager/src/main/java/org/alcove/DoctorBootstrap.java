package org.alcove;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.alcove.Doctor.Finding;
import org.alcove.Doctor.Status;

/** What the doctor says of the way to a toolbox: the Python below it, and the settings that matter for it. */
final class DoctorBootstrap {
    private DoctorBootstrap() {}

    static Finding python(Path dataDirectory, Map<String, String> variables) {
        Python.Search search = Python.search(variables);
        Optional<Python> found = search.python();
        if (found.isPresent()) {
            return Doctor.ok("Python", found.get().version() + " at " + found.get().executable());
        }
        BasePython base = new BasePython(dataDirectory.resolve("toolbox"), variables);
        if (search.isChosen()) {
            AlcoveException unfit = BasePython.unfit(search);
            return new Finding("Python", Status.PROBLEM, unfit.getMessage(), unfit.hint().orElse(""));
        }
        Optional<Python> brought = base.micromamba().find();
        if (brought.isPresent()) {
            Python python = brought.get();
            return Doctor.ok("Python", python.version() + " at " + python.executable() + ", brought by micromamba");
        }
        String looked = "none >= " + Python.OLDEST + " yet; " + search.describe();
        return base.micromamba().hindrance()
                .map(reason -> new Finding(
                        "Python", Status.PROBLEM, looked + "; " + reason, BasePython.steps("see docs/bootstrapping.md")))
                .orElseGet(() -> new Finding("Python", Status.WARNING, looked,
                        "micromamba will bring one, from " + base.micromamba().source() + "; or install Python"));
    }

    static List<Finding> settings(Map<String, String> variables) {
        List<Finding> findings = new ArrayList<>();
        NetworkSettings network = new NetworkSettings(variables);
        findings.add(network(network));
        findings.add(settingsFile(variables));
        network.toolboxWheels().filter(folder -> !Files.isDirectory(folder)).ifPresent(folder -> findings.add(new Finding(
                "toolbox wheels", Status.PROBLEM, "ALCOVE_TOOLBOX_WHEELS: there is no folder " + folder,
                "correct it, or unset it")));
        String chosen = new TreeMap<>(variables)
                .entrySet().stream()
                        .filter(variable -> variable.getKey().startsWith("ALCOVE_"))
                        .map(variable -> variable.getKey() + "=" + NetworkSettings.masked(variable.getValue()))
                        .collect(Collectors.joining(", "));
        findings.add(Doctor.ok("variables", chosen.isEmpty() ? "none of Alcove's is set" : chosen));
        return findings;
    }

    private static Finding network(NetworkSettings network) {
        List<String> parts = new ArrayList<>();
        parts.add(network.isOffline() ? "not to be used (offline)"
                : network.proxy().map(proxy -> proxy.isEmpty() ? "no proxy" : "proxy " + NetworkSettings.masked(proxy))
                        .orElse("no proxy is set"));
        if (!network.direct().isEmpty()) {
            parts.add("without proxy: " + String.join(" ", network.direct()));
        }
        parts.add(network.certificates().map(file -> "certificates of " + file).orElse("the system's certificates"));
        String value = String.join(", ", parts);
        return network.certificates().filter(file -> !Files.isReadable(file))
                .map(file -> new Finding("network", Status.PROBLEM, value + ", which cannot be read",
                        "let ALCOVE_CERTIFICATES or SSL_CERT_FILE name a PEM file, or unset it"))
                .orElseGet(() -> Doctor.ok("network", value));
    }

    /** The toolbox reads it, once it is there. */
    private static Finding settingsFile(Map<String, String> variables) {
        String named = variables.get("ALCOVE_SETTINGS");
        if (named != null && !named.isEmpty() && !Files.isReadable(Path.of(named))) {
            return new Finding(
                    "settings", Status.PROBLEM, "ALCOVE_SETTINGS: " + named + " cannot be read", "correct it, or unset it");
        }
        String files = settingsFiles(variables, System.getProperty("os.name"), System.getProperty("user.home")).stream()
                .filter(Files::isReadable)
                .map(Path::toString)
                .collect(Collectors.joining(", "));
        return Doctor.ok("settings", files.isEmpty() ? "no file, so the defaults" : files);
    }

    /** As {@code alcove.environments} looks for them: the machine's, then the user's. */
    static List<Path> settingsFiles(Map<String, String> variables, String operatingSystem, String home) {
        String named = variables.get("ALCOVE_SETTINGS");
        Path machine = Places.machineConfiguration(variables, operatingSystem);
        List<Path> files = new ArrayList<>(List.of(machine.resolve("settings.toml")));
        if (named == null || !named.isEmpty()) {
            files.add(named == null
                    ? Places.userConfiguration(variables, operatingSystem, home).resolve("settings.toml")
                    : Path.of(named));
        }
        return files;
    }
}
