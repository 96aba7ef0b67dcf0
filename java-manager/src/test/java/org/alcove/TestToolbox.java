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
        PythonProgram.require("tifffile");
        Path data = Workbench.dataDirectory().resolveSibling("test data with toolbox ü");
        String pins = WorkerPackage.resource("/toolbox/toolbox.txt");
        Path toolbox = data.resolve("toolbox").resolve(WorkerPackage.digest(Map.of("toolbox.txt", pins.getBytes(UTF_8))));
        if (!Files.exists(toolbox.resolve(Environment.MARKER))) {
            Files.createDirectories(toolbox);
            Files.write(toolbox.resolve(".in-use"), new byte[0]);
            Files.write(toolbox.resolve(Environment.MARKER), Json.line(json -> {
                json.writeStartObject();
                json.writeNumberField("format", EnvironmentLook.FORMAT);
                json.writeStringField("name", "toolbox");
                json.writeStringField("engine", "pip");
                json.writeStringField("python", PythonProgram.executable().toString());
                json.writeEndObject();
            }));
        }
        return new Settings().dataDirectory(data).memoryDirectory(memoryDirectory);
    }

    /** The tests' Python. */
    public static EnvironmentSpec python() {
        return Workbench.python();
    }
}
