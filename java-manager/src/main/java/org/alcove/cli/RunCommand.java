package org.alcove.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.EnvironmentSpec;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Parameter;
import org.alcove.Settings;
import org.alcove.files.OutputFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove run FILE.py:OP name=value ... -o DIR}. */
@Command(
        name = "run",
        description = "Runs an op on image files and values.",
        footer = {
            "",
            "Example: alcove run cells.py:segment image=nuclei.tif sigma=2 -o results",
            "Lists and dicts are given as JSON. Images are written as TIFF with axes and calibration, tables and points "
                    + "as CSV, shapes as JSON, everything else to stdout."
        })
final class RunCommand extends LibraryCommand {
    @Parameters(index = "0", paramLabel = "FILE.py:OP", description = "Op file and op; the op may be left out if there is one.")
    String reference;

    @Parameters(index = "1..*", paramLabel = "name=value", description = "Inputs; for an image the path of its file.")
    List<String> assignments = new ArrayList<>();

    @Option(names = {"-o", "--output"}, paramLabel = "DIR", defaultValue = ".",
            description = "Folder for the files that come out (default: the current one).")
    Path output;

    @Option(names = "--once",
            description = "Run in a fresh process that keeps nothing and ends with the call, as other programs run ops "
                    + "from their scripts: to see that an op works on its own, or gives its memory back. Arrays are "
                    + "written by the op's own environment: as TIFF where it has tifffile, else as .npy.")
    boolean once;

    @Mixin
    RunOptions options;

    RunCommand(Console console) {
        super(console);
    }

    @Override
    Settings settings() {
        return options.settings();
    }

    @Override
    int run(Alcove alcove) throws Exception {
        OpReference wanted = OpReference.parse(reference);
        EnvironmentSpec environment = options.environment(wanted);
        prepare(alcove);
        Op op = console.step("read the op file", () -> wanted.find(alcove, environment)).adapting(options.adaptation);
        InputTexts texts = new InputTexts(op, assignments);
        Map<String, Object> values = texts.values();
        Map<String, Path> images = texts.imageFiles();
        OutputFiles results = new OutputFiles(alcove, output, name -> name, images.values(), this::write);
        try (ImageFiles files = new ImageFiles(alcove)) {
            for (Map.Entry<String, Path> image : images.entrySet()) {
                String name = String.valueOf(image.getValue().getFileName());
                values.put(image.getKey(), console.step("read " + name, () -> files.read(image.getValue())));
            }
            makeEnvironment(alcove, environment);
            try (Outputs outputs = once ? runOnce(op, values, results) : run(op, values)) {
                print(all(op, values, outputs, results));
            }
        }
        return 0;
    }

    private void write(Path file, OutputFiles.Content content) throws Exception {
        console.step("write " + file.getFileName(), () -> {
            content.writeTo(file);
            return file;
        });
    }

    private Outputs run(Op op, Map<String, Object> values) throws Exception {
        start(op);
        return console.step("run " + op.name(), () -> op.call(values));
    }

    private Outputs runOnce(Op op, Map<String, Object> values, OutputFiles results) throws Exception {
        for (Parameter result : op.outputs()) {
            results.refuseOverwriting(result.name());
        }
        return console.step("run " + op.name() + " once", () -> op.runOnce(values, output));
    }

    /** What came out, and the images that the op was given to write to; large things as the paths of their files. */
    private static Map<String, Object> all(Op op, Map<String, Object> values, Outputs outputs, OutputFiles results)
            throws Exception {
        Map<String, Object> written = new LinkedHashMap<>();
        for (Parameter input : op.inputs()) {
            if (input.direction().isPresent() && values.get(input.name()) != null) {
                written.put(input.name(), results.write(input, values.get(input.name())));
            }
        }
        for (Parameter output : op.outputs()) {
            if (outputs.names().contains(output.name())) {
                written.put(output.name(), results.write(output, outputs.get(output.name())));
            }
        }
        return written;
    }

    private void print(Map<String, Object> written) {
        if (common.json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("outputs", written);
            result.put("seconds", console.seconds());
            JsonOutput.print(result);
        } else {
            written.forEach((name, value) -> System.out.println(name + ": " + JsonOutput.forPeople(value)));
        }
    }
}
