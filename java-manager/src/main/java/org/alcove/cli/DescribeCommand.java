package org.alcove.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.EnvironmentSpec;
import org.alcove.files.TextFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alcove describe FILE}. */
@Command(
        name = "describe",
        description = "Prints the descriptors of a file's ops as a document: all that other programs need to offer them.",
        footer = {
            "",
            "Example: alcove describe cells.py -o cells.xml",
            "A document can be described, too: that puts it into another dialect. Nothing is lost on the way."
        })
final class DescribeCommand extends LibraryCommand {
    /** The dialects of documents. */
    enum Dialect {
        JSON,
        YAML,
        XML
    }

    @Parameters(paramLabel = "FILE", description = "An op file (.py), or a document (.json, .yaml, .yml, .xml).")
    Path file;

    @Option(names = "--format", paramLabel = "json|yaml|xml",
            description = "The document's dialect (default: as the output file's name says, else json).")
    Dialect format;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "Write it to this file instead of stdout.")
    Path output;

    @Option(names = "--python", paramLabel = "PATH",
            description = "Load the op file in this interpreter instead of the toolbox's.")
    Path python;

    @Spec
    private CommandSpec spec;

    DescribeCommand(Console console) {
        super(console);
    }

    @Override
    int run(Alcove alcove) throws Exception {
        String dialect = Words.of(dialect());
        if (common.json && output == null && !dialect.equals("json")) {
            throw new ParameterException(spec.commandLine(), "--json prints JSON; with -o FILE it can be " + dialect);
        }
        prepare(alcove);
        String document = python == null
                ? alcove.describe(file, dialect)
                : alcove.describe(file, EnvironmentSpec.existing(python), dialect);
        if (output == null) {
            System.out.print(document);
            System.out.flush();
            return 0;
        }
        TextFiles.write(output, document);
        if (common.json) {
            JsonOutput.print(Map.of("file", output.toAbsolutePath().normalize()));
        } else {
            console.line("Wrote " + output);
        }
        return 0;
    }

    private Dialect dialect() {
        if (format != null) {
            return format;
        }
        String name = output == null ? "" : output.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            return Dialect.YAML;
        }
        return name.endsWith(".xml") ? Dialect.XML : Dialect.JSON;
    }
}
