package org.alcove.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.Environment;
import org.alcove.EnvironmentText;
import org.alcove.EnvironmentUpdate;
import org.alcove.Environments;
import org.alcove.Settings;
import org.alcove.files.TextFiles;

/** A command that does something to environments. */
abstract class EnvironmentsCommand extends LibraryCommand {
    /** Whether {@code --offline} was given, where it can be. */
    boolean isOffline() {
        return false;
    }

    EnvironmentsCommand(Console console) {
        super(console);
    }

    @Override
    final Settings settings() {
        return new Settings().offline(isOffline());
    }

    @Override
    final int run(Alcove alcove) throws Exception {
        if (needsToolbox()) {
            prepare(alcove);
        }
        return run(alcove.environments());
    }

    /** Whether the toolbox is made first; else the command sees to it by itself. */
    boolean needsToolbox() {
        return true;
    }

    /** Does the work and returns the exit code. */
    abstract int run(Environments environments) throws Exception;

    /** Prints the packages that would be installed or changed. */
    static void print(EnvironmentUpdate update) {
        Columns columns = new Columns("  ");
        for (EnvironmentUpdate.Change change : update.changes()) {
            String versions = change.from().isEmpty() || change.to().isEmpty()
                    ? change.from() + change.to()
                    : change.from() + " -> " + change.to();
            columns.add(Words.of(change.kind()), change.name(), change.manager(), versions);
        }
        columns.print();
    }

    /** Prints an environment that is ready now. */
    void print(Environment made) {
        if (!common.json) {
            System.out.println(made.name());
            console.line("Its Python: " + made.python());
            return;
        }
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", made.name());
        members.put("engine", made.engine());
        members.put("directory", made.directory());
        members.put("python", made.python());
        members.put("path", made.path());
        members.put("variables", made.variables());
        JsonOutput.print(members);
    }

    /** Prints the text, or writes it to a file and says so. */
    void deliver(EnvironmentText text, Path output, String said) throws IOException {
        if (output == null && !common.json) {
            System.out.print(text.text());
            System.out.flush();
            return;
        }
        if (output != null) {
            TextFiles.write(output, text.text());
        }
        if (common.json) {
            Map<String, Object> members = new LinkedHashMap<>(text.members());
            if (output != null) {
                members.remove("text");
                members.put("file", output.toAbsolutePath().normalize());
            }
            JsonOutput.print(members);
        } else {
            console.line("Wrote " + output + said);
        }
    }
}
