package org.alcove.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alcove.Doctor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code alcove doctor}. */
@Command(name = "doctor", description = "Looks at what Alcove needs here, and says what is wrong and how to mend it.")
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    CommonOptions common;

    @Override
    public Integer call() {
        List<Doctor.Finding> findings = Doctor.examine();
        if (common.json) {
            JsonOutput.print(findings.stream().map(DoctorCommand::members).toList());
        } else {
            findings.forEach(DoctorCommand::print);
        }
        return findings.stream().anyMatch(finding -> finding.status() == Doctor.Status.PROBLEM) ? 1 : 0;
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
