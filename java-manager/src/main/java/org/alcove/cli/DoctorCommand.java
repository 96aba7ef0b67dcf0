package org.alcove.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alcove.AlcoveException;
import org.alcove.Doctor;
import org.alcove.ErrorKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code alcove doctor}. */
@Command(
        name = "doctor",
        description = "Looks at what Alcove needs here, and says what is wrong and how to mend it.",
        footer = {"", "Example: alcove doctor --report"})
final class DoctorCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    @Mixin
    CommonOptions common;

    @Option(names = "--report", arity = "0..1", paramLabel = "FILE.zip", fallbackValue = "",
            description = "Write all that helps to find a mistake into one zip file: findings, settings, environments, workers, "
                    + "the last logs. Passwords and tokens, the home folder and the names of user and machine are masked.")
    String report;

    @Override
    public Integer call() {
        if (report != null) {
            return writeReport();
        }
        List<Doctor.Finding> findings = Doctor.examine();
        if (common.json) {
            JsonOutput.print(findings.stream().map(DoctorCommand::members).toList());
        } else {
            findings.forEach(DoctorCommand::print);
        }
        return findings.stream().anyMatch(finding -> finding.status() == Doctor.Status.PROBLEM) ? 1 : 0;
    }

    private int writeReport() {
        Path file = Path.of(report.isEmpty() ? "alcove-report-" + LocalDateTime.now().format(TIME) + ".zip" : report)
                .toAbsolutePath().normalize();
        List<String> parts;
        try {
            parts = Doctor.report(file);
        } catch (IOException e) {
            throw new AlcoveException(
                    ErrorKind.INVALID_PARAMS,
                    "the report " + file + " cannot be written: " + e.getMessage(),
                    "name another file: alcove doctor --report FILE.zip",
                    Map.of());
        }
        if (common.json) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("file", file);
            members.put("parts", parts);
            JsonOutput.print(members);
        } else {
            System.out.println(file);
            System.err.println("It holds " + String.join(", ", parts) + ".");
            System.err.println("Passwords, tokens, the home folder and the names of user and machine are masked; look through"
                    + " it before you give it away.");
        }
        return 0;
    }

    private static void print(Doctor.Finding finding) {
        String mark = switch (finding.status()) {
            case OK -> "ok     ";
            case WARNING -> "warning";
            case PROBLEM -> "PROBLEM";
        };
        System.out.printf("%s  %-17s %s%n", mark, finding.name(), finding.value());
        if (!finding.hint().isEmpty()) {
            System.out.printf("%27s%s%n", "", "-> " + finding.hint());
        }
    }

    private static Map<String, Object> members(Doctor.Finding finding) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", finding.name());
        members.put("status", finding.status().name().toLowerCase(java.util.Locale.ROOT));
        members.put("value", finding.value());
        members.put("hint", finding.hint());
        return members;
    }
}
