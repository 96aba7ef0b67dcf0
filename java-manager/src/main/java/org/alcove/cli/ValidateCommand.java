package org.alcove.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.Mistake;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code alcove validate FILE...}. */
@Command(
        name = "validate",
        description = "Says all that is wrong in op files and descriptor documents, with file and line and what to write "
                + "instead. The exit code is 0 when all are valid.",
        footer = {"", "Example: alcove validate cells.py cells.xml"})
final class ValidateCommand extends LibraryCommand {
    @Parameters(paramLabel = "FILE", arity = "1..*",
            description = "Op files (.py) and documents (.json, .yaml, .yml, .xml).")
    List<Path> files = new ArrayList<>();

    ValidateCommand(Console console) {
        super(console);
    }

    @Override
    int run(Alcove alcove) throws Exception {
        prepare(alcove);
        List<Map<String, Object>> results = new ArrayList<>();
        boolean allValid = true;
        for (Path file : files) {
            List<Mistake> mistakes = alcove.validate(file);
            Integer ops = mistakes.isEmpty() ? alcove.descriptors(file).size() : null;
            allValid &= mistakes.isEmpty();
            if (!common.json) {
                print(file, ops, mistakes);
            }
            results.add(members(file, ops, mistakes));
        }
        if (common.json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("valid", allValid);
            result.put("files", results);
            JsonOutput.print(result);
        }
        return allValid ? 0 : 1;
    }

    private static void print(Path file, Integer ops, List<Mistake> mistakes) {
        if (mistakes.isEmpty()) {
            System.out.println("valid: " + file + " (" + ops + (ops == 1 ? " op)" : " ops)"));
        }
        for (Mistake mistake : mistakes) {
            System.out.println(asTyped(mistake, file));
            if (!mistake.hint().isEmpty()) {
                System.out.println("  hint: " + mistake.hint());
            }
        }
    }

    /** The mistake with its file named as the user did, where it is that one and not another that it imports. */
    private static Mistake asTyped(Mistake mistake, Path file) {
        boolean same = mistake.file().equals(file.toAbsolutePath().normalize());
        return same ? new Mistake(file, mistake.line(), mistake.message(), mistake.hint()) : mistake;
    }

    private static Map<String, Object> members(Path file, Integer ops, List<Mistake> mistakes) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("file", file);
        members.put("ops", ops);
        members.put("mistakes", mistakes.stream().map(ValidateCommand::members).toList());
        return members;
    }

    private static Map<String, Object> members(Mistake mistake) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("file", mistake.file());
        members.put("line", mistake.line() == 0 ? null : mistake.line());
        members.put("message", mistake.message());
        members.put("hint", mistake.hint());
        return members;
    }
}
