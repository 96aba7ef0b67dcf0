package org.alcove;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What op files and the files of other tools ask for. */
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
        assertEquals(TOML, spec.text());
        assertEquals("auto", spec.engine());
        assertEquals("script", spec.format());
        assertEquals(2, spec.firstLine());
    }

    @Test
    void findsTheHeaderBelowOtherLines() throws IOException {
        EnvironmentSpec spec = spec("#!/usr/bin/env python\n\"\"\"Docs.\"\"\"\n\n" + HEADER);
        assertEquals(TOML, spec.text());
        assertEquals(5, spec.firstLine());
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
            assertEquals("dependencies = []\n", spec.text());
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
        assertEquals(spec.source().toString(), spec.toValue().get("source"));
        assertEquals(2, spec.toValue().get("first_line"));
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
    void anExistingPythonIsNamedByItsInterpreterOrItsFolder() throws IOException {
        EnvironmentSpec spec = EnvironmentSpec.existing(Path.of("venv", "bin", "python"));
        assertEquals(Path.of("venv", "bin", "python").toAbsolutePath().toString(), spec.text());
        assertEquals("existing", spec.engine());
        assertTrue(spec.name().matches("python-[0-9a-f]{8}"), spec.name());
        for (String place : List.of("bin/python", "Scripts/python.exe", "python.exe")) {
            Path folder = Files.createTempDirectory(directory, "conda");
            Path python = folder.resolve(place);
            Files.createDirectories(python.getParent());
            Files.createFile(python);
            assertEquals(python.toString(), EnvironmentSpec.existing(folder).text());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "environment.yml, environment.yml",
        "environment.yaml, environment.yml",
        "environment-gpu.yml, environment.yml",
        "cellpose_environment.yml, environment.yml",
        "requirements.txt, requirements.txt",
        "requirements-dev.txt, requirements.txt",
        "REQUIREMENTS.TXT, requirements.txt",
        "pyproject.toml, pyproject.toml",
        "pixi.toml, pixi.toml",
        "conda-lock.yml, conda-lock.yml",
        "cells.conda-lock.yml, conda-lock.yml",
        "pixi.lock, pixi.lock",
        "pylock.toml, pylock.toml",
        "pylock.gpu.toml, pylock.toml"
    })
    void knowsFilesByTheirNames(String name, String format) throws IOException {
        Path file = Files.writeString(directory.resolve(name), "anything\n");
        EnvironmentSpec spec = EnvironmentSpec.fromFile(file);
        assertEquals(format, spec.format());
        assertEquals("anything\n", spec.text());
        assertEquals(file, spec.source());
        assertEquals(1, spec.firstLine());
        assertEquals("auto", spec.engine());
        assertEquals("auto", spec.variant());
    }

    @Test
    void knowsFilesOfOtherNamesByTheirContent() throws IOException {
        assertEquals("environment.yml", formatOf("cells.yml", "name: cells\ndependencies:\n  - numpy\n"));
        assertEquals("conda-lock.yml", formatOf("locked.yml", "version: 1\nmetadata:\n  x: 1\npackage:\n- name: y\n"));
        assertEquals("pylock.toml", formatOf("lock.toml", "lock-version = \"1.0\"\n"));
        assertEquals("pixi.toml", formatOf("a.toml", "[workspace]\nchannels = []\n[dependencies]\n"));
        assertEquals("pyproject.toml", formatOf("b.toml", "[project]\nname = \"b\"\n"));
        assertEquals("requirements.txt", formatOf("packages.txt", "numpy\n"));
        assertEquals("pixi.lock", formatOf("other.lock", "version: 6\nenvironments:\n  default:\n"));
    }

    @Test
    void saysWhenAFileIsNoneOfThem() throws IOException {
        for (String name : List.of("data.yml", "data.toml", "data.csv", "Makefile", "data.lock")) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> formatOf(name, "a: 1\n"));
            assertEquals(ErrorKind.ENVIRONMENT_FAILED, failure.kind());
            assertEquals("spec_invalid", failure.data().get("cause"));
            assertTrue(failure.getMessage().contains(name), failure.getMessage());
            assertTrue(failure.hint().orElse("").contains("environment.yml"));
        }
        AlcoveException explicit =
                assertThrows(AlcoveException.class, () -> formatOf("list.txt", "# platform: linux-64\n@EXPLICIT\nhttps://a\n"));
        assertTrue(explicit.hint().orElse("").contains("environment.yml"), explicit.getMessage());
        AlcoveException missing =
                assertThrows(AlcoveException.class, () -> EnvironmentSpec.fromFile(directory.resolve("environment.yml")));
        assertEquals(ErrorKind.LOAD_FAILED, missing.kind());
        assertTrue(missing.getMessage().contains("environment.yml"), missing.getMessage());
    }

    @Test
    void aFileIsNamedByItsContentAndReadWithoutTheMarksOfWindows() throws IOException {
        EnvironmentSpec unix = specOf("environment.yml", "dependencies:\n  - numpy\n");
        // The beginning of the file's SHA-256: the Python side finds the environment by it, too.
        assertEquals("environment-f9a0dfaa", unix.name());
        assertNotEquals(unix.name(), specOf("environment.yml", "dependencies:\n  - scipy\n").name());
        assertEquals(unix.text(), specOf("environment.yml", "\uFEFFdependencies:\r\n  - numpy\r\n").text());
    }

    @Test
    void takesPackagesOneByOne() {
        EnvironmentSpec spec = EnvironmentSpec.ofPackages(
                List.of("numpy>=1.26", "pytorch"), List.of("a \"b\" \\ c"), List.of("bioconda"), "3.12");
        assertEquals("""
                requires-python = "==3.12.*"
                dependencies = ["a \\"b\\" \\\\ c"]
                [tool.alcove]
                conda = ["numpy>=1.26", "pytorch"]
                channels = ["bioconda"]
                """, spec.text());
        assertTrue(spec.name().matches("numpy-[0-9a-f]{8}"), spec.name());
        assertEquals("script", spec.format());
        assertEquals("", spec.toValue().get("source"));
        assertEquals(false, spec.toValue().containsKey("first_line"));
        assertEquals(
                "dependencies = [\"numpy\"]\n",
                EnvironmentSpec.ofPackages(List.of(), List.of("numpy"), List.of(), "").text());
        assertTrue(EnvironmentSpec.ofPackages(List.of(), List.of(), List.of(), ">=3.10")
                .text()
                .startsWith("requires-python = \">=3.10\"\n"));
    }

    @Test
    void aVariantIsAnEnvironmentOfItsOwn() throws IOException {
        EnvironmentSpec spec = spec(HEADER);
        EnvironmentSpec gpu = spec.withVariant("gpu");
        assertEquals(spec.name() + "-gpu", gpu.name());
        assertEquals("gpu", gpu.toValue().get("variant"));
        assertEquals(spec.name() + "-cpu", gpu.withVariant("cpu").name());
        assertEquals(spec, gpu.withVariant("auto"));
        assertEquals(gpu, gpu.withVariant("gpu"));
        assertEquals("mine", gpu.withName("mine").name());
        assertEquals("micromamba", gpu.withEngine("micromamba").toValue().get("engine"));
    }

    private String formatOf(String name, String text) throws IOException {
        return specOf(name, text).format();
    }

    private EnvironmentSpec specOf(String name, String text) throws IOException {
        return EnvironmentSpec.fromFile(Files.writeString(directory.resolve(name), text));
    }

    private EnvironmentSpec spec(String source) throws IOException {
        Path file = directory.resolve("cells.py");
        Files.writeString(file, source);
        return EnvironmentSpec.fromOpFile(file);
    }
}
