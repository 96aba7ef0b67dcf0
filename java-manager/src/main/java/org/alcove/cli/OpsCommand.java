package org.alcove.cli;

import java.nio.file.Path;
import java.util.List;
import org.alcove.Alcove;
import org.alcove.EnvironmentSpec;
import org.alcove.Op;
import org.alcove.Parameter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove ops FILE.py}. */
@Command(name = "ops", description = "Shows the ops of a file: what they take, with types, ranges and defaults, and return.")
final class OpsCommand extends LibraryCommand {
    @Parameters(paramLabel = "FILE.py", description = "An op file.")
    Path file;

    @Option(names = "--python", paramLabel = "PATH",
            description = "Load it in this interpreter instead of the toolbox's.")
    Path python;

    OpsCommand(Console console) {
        super(console);
    }

    @Override
    int run(Alcove alcove) throws Exception {
        EnvironmentSpec environment = new OpReference(file, "").environment(python);
        prepare(alcove);
        List<Op> ops = alcove.ops(file, environment);
        if (common.json) {
            JsonOutput.print(ops.stream().map(Op::descriptor).toList());
        } else {
            ops.forEach(OpsCommand::print);
        }
        return 0;
    }

    private static void print(Op op) {
        System.out.println(op.name() + (op.description().isEmpty() ? "" : ": " + op.description().replace("\n", "\n  ")));
        for (Parameter input : op.inputs()) {
            System.out.println("  " + (input.required() ? "" : "[") + input.name() + (input.required() ? "" : "]") + "  "
                    + input.summary() + input.description().map(text -> "; " + text).orElse(""));
        }
        for (Parameter output : op.outputs()) {
            System.out.println("  -> " + output.name() + "  " + output.summary());
        }
        System.out.println();
    }
}
