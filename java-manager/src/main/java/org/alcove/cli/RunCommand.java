package org.alcove.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentSpec;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Parameter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove run FILE.py:OP name=value ... -o DIR}. */
@Command(
        name = "run",
        description = "Runs an op on image files and values.",
        footer = {
            "",
            "Example: alcove run cells.py:segment image=nuclei.tif sigma=2 -o results",
            "Images are written as TIFF with axes and calibration, everything else to stdout."
        })
final class RunCommand extends LibraryCommand {
    @Parameters(index = "0", paramLabel = "FILE.py:OP", description = "Op file and op; the op may be left out if there is one.")
    String reference;

    @Parameters(index = "1..*", paramLabel = "name=value", description = "Inputs; for an image the path of its file.")
    List<String> assignments = new ArrayList<>();

    @Option(names = {"-o", "--output"}, paramLabel = "DIR", defaultValue = ".",
            description = "Folder for the images that come out (default: the current one).")
    Path output;

    @Option(names = "--python", paramLabel = "PATH",
            description = "Run in this interpreter, as it is, instead of the environment that the file asks for.")
    Path python;

    RunCommand(Console console) {
        super(console);
    }

    @Override
    int run(Alcove alcove) throws Exception {
        OpReference wanted = OpReference.parse(reference);
        EnvironmentSpec environment = wanted.environment(python);
        prepare(alcove);
        Op op = console.step("read the op file", () -> wanted.find(alcove, environment));
        Map<String, String> texts = InputTexts.parse(op, assignments);
        Map<String, Object> values = InputTexts.values(op, texts);
        Map<String, Path> images = InputTexts.imageFiles(op, texts);
        try (ImageFiles files = new ImageFiles(alcove)) {
            for (Map.Entry<String, Path> image : images.entrySet()) {
                String name = image.getValue().getFileName().toString();
                values.put(image.getKey(), console.step("read " + name, () -> files.read(image.getValue())));
            }
            start(alcove, environment, op);
            try (Outputs outputs = console.step("run " + op.name(), () -> op.call(values))) {
                print(files, outputs, images);
            }
        }
        return 0;
    }

    private void print(ImageFiles files, Outputs outputs, Map<String, Path> images) throws Exception {
        Map<String, Object> written = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : outputs.asMap().entrySet()) {
            written.put(entry.getKey(), files.writeAll(entry.getValue(), output, entry.getKey(), images.values(), console));
        }
        if (common.json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("outputs", written);
            result.put("seconds", console.seconds());
            JsonOutput.print(result);
        } else {
            written.forEach((name, value) -> System.out.println(name + ": " + value));
        }
    }

    /** The {@code name=value} arguments, checked against the op before anything is read or made. */
    static final class InputTexts {
        private InputTexts() {}

        static Map<String, String> parse(Op op, List<String> assignments) {
            Map<String, String> texts = new LinkedHashMap<>();
            List<String> known = op.inputs().stream().map(Parameter::name).toList();
            for (String assignment : assignments) {
                int equals = assignment.indexOf('=');
                String name = equals < 0 ? assignment : assignment.substring(0, equals);
                if (equals < 0 || !known.contains(name)) {
                    throw wrong(
                            equals < 0 ? "'" + assignment + "' is not name=value" : op.name() + " has no input " + name,
                            "it takes " + String.join(", ", known));
                }
                texts.put(name, assignment.substring(equals + 1));
            }
            for (Parameter input : op.inputs()) {
                if (input.required() && !texts.containsKey(input.name())) {
                    throw wrong(
                            op.name() + " needs " + input.name() + " (" + input.summary() + ")",
                            "add " + input.name() + "=" + (isArray(input) ? "FILE" : "VALUE"));
                }
            }
            return texts;
        }

        static Map<String, Object> values(Op op, Map<String, String> texts) {
            Map<String, Object> values = new LinkedHashMap<>();
            for (Parameter input : op.inputs()) {
                String text = texts.get(input.name());
                if (text != null && !isArray(input)) {
                    values.put(input.name(), input.parse(text));
                }
            }
            return values;
        }

        static Map<String, Path> imageFiles(Op op, Map<String, String> texts) {
            Map<String, Path> files = new LinkedHashMap<>();
            for (Parameter input : op.inputs()) {
                String text = texts.get(input.name());
                if (text != null && isArray(input)) {
                    Path file = Path.of(text);
                    if (!Files.exists(file)) {
                        throw wrong("no file " + text + " for " + input.name(), "check the path");
                    }
                    files.put(input.name(), file);
                }
            }
            return files;
        }

        private static boolean isArray(Parameter input) {
            return input.type().equals("array");
        }

        private static AlcoveException wrong(String message, String hint) {
            return new AlcoveException(ErrorKind.INVALID_PARAMS, message, hint, Map.of());
        }
    }
}
