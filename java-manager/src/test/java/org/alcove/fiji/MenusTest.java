package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alcove.Alcove;
import org.alcove.TestToolbox;
import org.alcove.Workbench;
import org.alcove.imagej.StartMacro;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ops in the menus of a real ImageJ. */
class MenusTest {
    private static final String HEADER = "from alcove import op\n\n\n";

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @Test
    void opsStandInImageJsMenusHoweverOftenItMakesThemAnew() throws Exception {
        assumeFalse(GraphicsEnvironment.isHeadless(), "needs a display");
        Path data;
        try (Alcove alcove = Alcove.open(TestToolbox.settings(bench.memoryDirectory()))) {
            data = alcove.dataDirectory();
        }
        Path home = folder();
        Path output = bench.folder().resolve("output");
        ProcessBuilder program = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.home=" + bench.folder(),
                "-Dplugins.dir=" + home,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                MenuProgram.class.getName());
        program.environment().put("ALCOVE_DATA_DIR", data.toString());
        program.environment().put("ALCOVE_MEMORY_DIR", bench.memoryDirectory().toString());
        program.environment().put("ALCOVE_SETTINGS", bench.folder().resolve("settings.toml").toString());
        program.environment().put("ALCOVE_TRUSTED_OPS", home.resolve("plugins/Alcove").toString());
        program.environment().put("ALCOVE_OPS_PATH", bench.folder().resolve("lab").toString());
        Process process = program.directory(bench.folder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertEquals(0, process.waitFor(), () -> text(output));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** An ImageJ's folder with op files, a helper, a macro and a script of others, and the plugin's menu entries. */
    private Path folder() throws IOException {
        Path home = bench.folder().resolve("Image J ü");
        Path ops = home.resolve("plugins/Alcove");
        write(ops.resolve("cells.py"), "import helper\n" + HEADER
                + "@op(title=\"Segment nuclei\", menu=\"Segmentation\")\ndef segment(sigma: float = 1.0) -> int:\n    return 1\n\n\n"
                + "@op(title=\"Wh\" + \"at\")\ndef what() -> int:\n    return 1\n");
        write(ops.resolve("helper.py"), "answer = 42\n");
        write(ops.resolve("Tools_here/more.py"), op("segment", "title=\"Segment nuclei\""));
        write(ops.resolve("invert.py"), op("invert", ""));
        write(ops.resolve("placed.py"), op("placed", "menu=\"Plugins>Elsewhere\""));
        write(ops.resolve("bad.py"), HEADER + "@op\ndef bad(number) -> int:\n    return number\n");
        write(ops.resolve("other.ijm"), "print(1);\n");
        write(home.resolve("plugins/My_script.py"), "print(1)\n");
        write(bench.folder().resolve("lab/lab.py"), op("lab_op", ""));
        new StartMacro(home.resolve("macros")).add();
        try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(home.resolve("plugins/Alcove_-0.jar")))) {
            jar.putNextEntry(new ZipEntry("plugins.config"));
            jar.write(Files.readAllBytes(Path.of("src/main/imagej/plugins.config")));
        }
        return home;
    }

    private static String op(String name, String options) {
        return HEADER + "@op(" + options + ")\ndef " + name + "(number: int = 1) -> int:\n    return number\n";
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
