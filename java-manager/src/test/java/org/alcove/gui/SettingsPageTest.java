package org.alcove.gui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alcove.TestToolbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings, changed by clicks in a program of its own: where the file is, only variables of a process can say. */
class SettingsPageTest {
    @TempDir
    private Path folder;

    @Test
    void settingsAreChangedRefusedAndReset() throws Exception {
        assumeFalse(GraphicsEnvironment.isHeadless(), "needs a display");
        Path memory = Files.createDirectory(folder.resolve("memory"));
        TestToolbox.settings(memory); // skips where the tests' Python lacks what it needs
        Path settings = Files.writeString(folder.resolve("settings ü.toml"), "# of the lab\n");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens", "java.base/java.util=ALL-UNNAMED", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8",
                "-cp", System.getProperty("java.class.path"),
                SettingsProgram.class.getName(), memory.toString());
        builder.environment().put("ALCOVE_SETTINGS", settings.toString());
        builder.environment().put("ALCOVE_TIMEOUT", "42");
        builder.environment().keySet().removeIf(name -> name.equals("UV_HTTP_RETRIES") || name.equals("ALCOVE_OFFLINE"));
        Path errors = folder.resolve("errors.txt");
        builder.redirectError(errors.toFile());

        Process program = builder.start();
        List<String> said = program.inputReader(StandardCharsets.UTF_8).lines().toList();

        assertEquals(
                List.of(
                        "retries 7 in # of the lab | retries = 7",
                        "retries 3 in # of the lab",
                        "offline in # of the lab | offline = true",
                        "timeout 42: The variable ALCOVE_TIMEOUT rules this setting; change it there, or unset it to"
                                + " change the setting here."),
                said,
                () -> reason(program, errors));
    }

    private static String reason(Process program, Path errors) {
        try {
            return "exit code " + program.waitFor() + ": " + Files.readString(errors);
        } catch (IOException | InterruptedException e) {
            return e.toString();
        }
    }
}
