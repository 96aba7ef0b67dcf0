package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A toolbox that is made by nobody: its marker names the tests' Python, which has what reads and writes image files. So
 * tests in Java have image files without a download.
 */
public final class TestToolbox {
    private TestToolbox() {}

    /** Settings whose data directory has such a toolbox; skips the test where the tests' Python has no tifffile. */
    public static Settings settings(Path memoryDirectory) throws IOException {
        return settings(Workbench.dataDirectory().resolveSibling("test data with toolbox ü"), memoryDirectory);
    }

    /** The same with a data directory of the test's own. */
    public static Settings settings(Path data, Path memoryDirectory) throws IOException {
        PythonProgram.require("tifffile");
        String pins = WorkerPackage.resource("/toolbox/toolbox.txt");
        Path toolbox = data.resolve("toolbox").resolve(WorkerPackage.digest(Map.of("toolbox.txt", pins.getBytes(UTF_8))));
        if (!Files.exists(toolbox.resolve(Environment.MARKER))) {
            place(toolbox, "toolbox", "pip", Map.of());
        }
        shareWorkerPackage(data);
        return new Settings().dataDirectory(data).memoryDirectory(memoryDirectory);
    }

    /** Python compiles the package once for each folder that it is unpacked into. */
    private static void shareWorkerPackage(Path data) throws IOException {
        Path shared = Files.createDirectories(Workbench.dataDirectory().resolve("worker"));
        if (!Files.exists(data.resolve("worker"))) {
            Files.createSymbolicLink(data.resolve("worker"), shared);
        }
    }

    /** Makes the tests' Python the environment that an op file of a program with that data directory asks for. */
    public static void environment(Path data, Path opFile) throws IOException {
        EnvironmentSpec spec = EnvironmentSpec.fromOpFile(opFile);
        Path folder = data.resolve("environments").resolve(spec.name());
        place(folder.resolve("0"), spec.name(), "uv", spec.toValue());
        Files.writeString(folder.resolve("current"), "0");
    }

    private static void place(Path prefix, String name, String engine, Map<String, Object> specification)
            throws IOException {
        Files.createDirectories(prefix);
        Files.write(prefix.resolve(".in-use"), new byte[0]);
        Files.write(prefix.resolve(Environment.MARKER), Json.line(json -> {
            json.writeStartObject();
            json.writeNumberField("format", EnvironmentLook.FORMAT);
            json.writeStringField("name", name);
            json.writeStringField("engine", engine);
            json.writeStringField("python", PythonProgram.executable().toString());
            json.writeFieldName("specification");
            Values.write(json, specification, "specification");
            json.writeEndObject();
        }));
    }

    /** The tests' Python. */
    public static EnvironmentSpec python() {
        return Workbench.python();
    }
}
