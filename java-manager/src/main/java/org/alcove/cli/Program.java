package org.alcove.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.alcove.Adaptation;
import org.alcove.batch.BatchTables;
import org.alcove.gui.Look;
import picocli.CommandLine;

/** The program: the parser of its command line, and what is about every command. */
final class Program {
    private Program() {}

    /** Runs the command that the arguments name, and ends this process. */
    static void run(String[] arguments) {
        System.setOut(utf8(FileDescriptor.out));
        System.setErr(utf8(FileDescriptor.err));
        Console console = new Console();
        // Ctrl-C: the library's own hook ends what runs; the failures that follow from that are no news.
        Thread stopped = new Thread(console::stop, "alcove-stopped");
        Runtime.getRuntime().addShutdownHook(stopped);
        int exitCode = commandLine(console).execute(arguments);
        console.finish();
        System.exit(exitCode);
    }

    static CommandLine commandLine(Console console) {
        CommandLine line = new CommandLine(new AlcoveCommand(), new Commands(console));
        Failures failures = new Failures(console);
        line.setExecutionExceptionHandler(failures);
        line.setParameterExceptionHandler(failures);
        line.setUsageHelpAutoWidth(true);
        line.setAbbreviatedOptionsAllowed(false);
        line.registerConverter(Adaptation.class, new Words<>(Adaptation.values()));
        line.registerConverter(WantedEnvironment.Variant.class, new Words<>(WantedEnvironment.Variant.values()));
        line.registerConverter(DemoCommand.Engine.class, new Words<>(DemoCommand.Engine.values()));
        line.registerConverter(CommonOptions.ProgressForm.class, new Words<>(CommonOptions.ProgressForm.values()));
        line.registerConverter(BatchTables.class, new Words<>(BatchTables.values()));
        line.registerConverter(Look.class, new Words<>(Look.values()));
        line.registerConverter(DescribeCommand.Dialect.class, new Words<>(DescribeCommand.Dialect.values()));
        return line;
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
