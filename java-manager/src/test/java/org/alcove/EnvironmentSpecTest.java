package org.alcove;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an op file's header asks for, and the environment that it is found in. */
class EnvironmentSpecTest {
    private static final String HEADER = """
            # /// script
            # requires-python = ">=3.10"
            # dependencies = [
            #     "numpy",
            #
            # ]
            # ///
            from alcove import op
            """;
    private static final String TOML = "requires-python = \">=3.10\"\ndependencies = [\n    \"numpy\",\n\n]\n";

    @TempDir
    private Path directory;

    @Test
    void takesTheCommentSignsOffTheHeader() throws IOException {
        EnvironmentSpec spec = spec(HEADER);
        assertEquals(TOML, spec.header());
        assertEquals("uv", spec.engine());
        assertEquals(2, spec.headerLine());
    }

    @Test
    void findsTheHeaderBelowOtherLines() throws IOException {
        EnvironmentSpec spec = spec("#!/usr/bin/env python\n\"\"\"Docs.\"\"\"\n\n" + HEADER);
        assertEquals(TOML, spec.header());
        assertEquals(5, spec.headerLine());
    }

    @Test
    void readsFilesOfWindows() throws IOException {
        assertEquals(spec(HEADER), spec(HEADER.replace("\n", "\r\n")));
        assertEquals(spec(HEADER), spec("\uFEFF" + HEADER));
        assertEquals(spec(HEADER), spec("\uFEFF" + HEADER.replace("\n", "\r\n")));
    }

    @Test
    void asksForABarePythonWithoutAHeader() throws IOException {
        for (String source : List.of("", "import numpy\n", "# /// pyproject\n# x = 1\n# ///\n", "#/// script\n")) {
            EnvironmentSpec spec = spec(source);
            assertEquals("dependencies = []\n", spec.header());
        }
    }

    @Test
    void refusesAHeaderWithoutAnEnd() throws IOException {
        for (String source : new String[] {
            "# /// script\n# dependencies = []\n", "\n# /// script\n# dependencies = []\nimport os\n# ///\n"
        }) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> spec(source));
            assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
            int line = source.startsWith("\n") ? 2 : 1;
            assertTrue(failure.getMessage().contains("cells.py:" + line), failure.getMessage());
            assertTrue(failure.hint().orElse("").contains("# ///"));
        }
    }

    @Test
    void theSameHeaderHasTheSameNameWhateverStandsBelowIt() throws IOException {
        String name = spec(HEADER).name();
        assertEquals(name, spec(HEADER + "# more\n").name());
        assertTrue(name.matches("cells-[0-9a-f]{8}"), name);
        assertNotEquals(name, spec(HEADER.replace("numpy", "scipy")).name());
    }

    @Test
    void theNameIsGoodForAFolderOnEveryPlatform() throws IOException {
        Path file = directory.resolve("Zellen: zählen? " + "lang".repeat(30) + ".v2.py");
        Files.writeString(file, HEADER);
        String name = EnvironmentSpec.fromOpFile(file).name();
        assertTrue(name.matches("[A-Za-z0-9_-]{1,60}"), name);
    }

    @Test
    void remembersTheFile() throws IOException {
        EnvironmentSpec spec = spec(HEADER);
        assertEquals(directory.resolve("cells.py").toAbsolutePath(), spec.source());
        assertEquals(spec.source(), spec.toValue().get("source"));
        assertEquals(2, spec.toValue().get("header_line"));
    }

    @Test
    void namesAFileThatIsNotThere() {
        for (Path path : new Path[] {directory.resolve("none.py"), directory}) {
            AlcoveException failure =
                    assertThrows(AlcoveException.class, () -> EnvironmentSpec.fromOpFile(path));
            assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
            assertTrue(failure.getMessage().contains(path.toString()), failure.getMessage());
            assertTrue(failure.hint().isPresent());
        }
    }

    @Test
    void namesAFileThatIsNoText() throws IOException {
        Path file = directory.resolve("cells.py");
        Files.write(file, "# Zählt Zellen\n".getBytes(ISO_8859_1));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> EnvironmentSpec.fromOpFile(file));
        assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
        assertTrue(failure.getMessage().contains("UTF-8"), failure.getMessage());
    }

    @Test
    void anExistingInterpreterIsItsOwnEnvironment() {
        EnvironmentSpec spec = EnvironmentSpec.existing(Path.of("venv", "bin", "python"));
        Environment environment = spec.find(directory).orElseThrow();
        assertEquals(Path.of("venv", "bin", "python").toAbsolutePath(), environment.python());
        assertEquals("existing", environment.engine());
    }

    @Test
    void isReadyOnceTheMarkerIsWrittenAndTheInterpreterIsThere() throws IOException {
        EnvironmentSpec spec = spec(HEADER);
        Path environments = directory.resolve("environments");
        Path folder = environments.resolve(spec.name());
        Path environment = folder.resolve("0123456789ab");
        Files.createDirectories(environment.resolve("bin"));
        assertEquals(Optional.empty(), spec.find(environments));

        Files.writeString(folder.resolve("current"), "0123456789ab\n");
        assertEquals(Optional.empty(), spec.find(environments), "no marker");

        String marker = "{\"format\": 1, \"name\": \"cells\", \"engine\": \"uv\", \"python\": \"bin/python\"}\n";
        Files.writeString(environment.resolve("alcove.json"), marker, UTF_8);
        assertEquals(Optional.empty(), spec.find(environments), "no interpreter");

        Path python = Files.createFile(environment.resolve("bin").resolve("python"));
        assertTrue(python.toFile().setExecutable(true));
        assertEquals(
                Optional.of(new Environment("cells", "uv", environment, python)), spec.find(environments));

        Files.writeString(environment.resolve("alcove.json"), marker.replace("1", "2"), UTF_8);
        assertEquals(Optional.empty(), spec.find(environments), "of a later version, who knows how");

        String missing = environment.resolve("gone").toString().replace('\\', '/');
        String orphaned = marker.replace("{", "{\"base_python\": \"" + missing + "\", ");
        Files.writeString(environment.resolve("alcove.json"), orphaned, UTF_8);
        assertEquals(Optional.empty(), spec.find(environments), "the Python that it was made from is gone");
    }

    @Test
    void isNotReadyWhenWhatPointsToItIsDamaged() throws IOException {
        EnvironmentSpec spec = spec(HEADER);
        Path folder = Files.createDirectories(directory.resolve(spec.name()));
        for (String pointer : new String[] {"", "../elsewhere", "0123\n4567", "\0", "."}) {
            Files.writeString(folder.resolve("current"), pointer);
            assertEquals(Optional.empty(), spec.find(directory), pointer);
        }
        Files.createDirectories(folder.resolve("01"));
        Files.writeString(folder.resolve("current"), "01");
        for (String marker : new String[] {"", "{", "[]", "{}", "{\"python\": 1}"}) {
            Files.writeString(folder.resolve("01").resolve("alcove.json"), marker);
            assertEquals(Optional.empty(), spec.find(directory), marker);
        }
        Files.write(folder.resolve("current"), new byte[] {(byte) 0xFF});
        assertEquals(Optional.empty(), spec.find(directory));
    }

    private EnvironmentSpec spec(String source) throws IOException {
        Path file = directory.resolve("cells.py");
        Files.writeString(file, source);
        return EnvironmentSpec.fromOpFile(file);
    }
}
