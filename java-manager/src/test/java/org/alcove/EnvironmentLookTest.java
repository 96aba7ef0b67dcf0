package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether an environment is ready: what is taken for it, and all that is not. */
class EnvironmentLookTest {
    private static final String HASH = "0123456789ab";

    @TempDir
    private Path directory;

    private EnvironmentSpec spec;
    private Map<String, Object> marker;

    @BeforeEach
    void makeOne() throws IOException {
        spec = new EnvironmentSpec("cells", "auto", "script", "dependencies = []\n", 2, Path.of("/ops/cells.py"), "auto");
        marker = new LinkedHashMap<>();
        marker.put("format", 2);
        marker.put("name", "cells");
        marker.put("engine", "uv");
        marker.put("python", "bin/python");
        marker.put("base_python", null);
        marker.put("specification", spec.toValue());
        marker.put("variant", "");
        marker.put("path", List.of("bin", ""));
        marker.put("variables", variables());
        make(directory, "cells", HASH);
    }

    private static Map<String, Object> variables() {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("GDAL_DATA", "/share/gdal");
        variables.put("PYTHONHASHSEED", null);
        return variables;
    }

    @Test
    void findsWhatIsWholeAndKnowsHowToStartInIt() {
        Environment found = look(spec).orElseThrow();
        Path prefix = directory.resolve("cells").resolve(HASH);
        assertEquals("cells", found.name());
        assertEquals("uv", found.engine());
        assertEquals(prefix, found.directory());
        assertEquals(prefix.resolve("bin").resolve("python"), found.python());
        assertEquals(List.of(prefix.resolve("bin"), prefix.resolve("")), found.path());
        assertEquals(variables(), found.variables());
    }

    @Test
    void sourceAndLineMakeNoDifference() {
        assertTrue(look(new EnvironmentSpec("cells", "auto", "script", spec.text(), 0, null, "auto")).isPresent());
    }

    @Test
    void anotherSpecificationIsNotReady() {
        assertStale(new EnvironmentSpec("cells", "auto", "script", spec.text() + "#\n", 2, spec.source(), "auto"));
        assertStale(new EnvironmentSpec("cells", "auto", "requirements.txt", spec.text(), 2, spec.source(), "auto"));
        assertStale(spec.withEngine("rattler"));
        assertStale(spec.withVariant("gpu").withName("cells"));
        assertStale(spec.withName("nuclei"));
    }

    @Test
    void aDamagedMarkerIsNotReady() throws IOException {
        for (String text : new String[] {"", "{", "[]", "{}", "{\"python\": 1}", "\0"}) {
            Files.writeString(prefix().resolve("alcove.json"), text);
            assertStale(spec);
        }
        Files.delete(prefix().resolve("alcove.json"));
        assertStale(spec);
    }

    @Test
    void aMarkerOfAnotherVersionIsNotReady() throws IOException {
        for (Object format : Arrays.asList(1, 3, "2", null)) {
            marker.put("format", format);
            write(prefix().resolve("alcove.json"), marker);
            assertStale(spec);
        }
    }

    @Test
    void withoutItsPythonItIsNotReady() throws IOException {
        marker.put("base_python", directory.resolve("gone").toString());
        write(prefix().resolve("alcove.json"), marker);
        assertStale(spec);
        marker.put("base_python", prefix().resolve("bin").resolve("python").toString());
        write(prefix().resolve("alcove.json"), marker);
        assertTrue(look(spec).isPresent());
        Files.delete(prefix().resolve("bin").resolve("python"));
        assertStale(spec);
    }

    @Test
    void aDamagedPointerIsNotReady() throws IOException {
        for (String pointer : new String[] {"", "../elsewhere", "0123\n4567", "\0", ".", HASH + "00"}) {
            Files.writeString(directory.resolve("cells").resolve("current"), pointer);
            assertStale(spec);
        }
        Files.write(directory.resolve("cells").resolve("current"), new byte[] {(byte) 0xFF});
        assertStale(spec);
        Files.delete(directory.resolve("cells").resolve("current"));
        assertStale(spec);
    }

    @Test
    void theVariantThatIsForcedMustBeTheOneThatItHas() throws IOException {
        assertTrue(look("gpu").isPresent(), "it has none");
        marker.put("variant", "cpu");
        write(prefix().resolve("alcove.json"), marker);
        assertTrue(look("").isPresent());
        assertTrue(look("cpu").isPresent());
        assertEquals(Optional.empty(), look("gpu"));
    }

    @Test
    void oneThatManyOpFilesShareIsFoundByReference() throws IOException {
        Path file = Files.writeString(directory.resolve("environment.yml"), "dependencies:\n- numpy\n");
        Map<String, Object> reference = new LinkedHashMap<>();
        reference.put("environment", "cells");
        reference.put("file", file.toString());
        reference.put("sha256", EnvironmentFile.digest(Files.readAllBytes(file)));
        Path folder = Files.createDirectories(directory.resolve("nuclei"));
        write(folder.resolve("reference.json"), reference);
        EnvironmentSpec other = spec.withName("nuclei");
        assertEquals(look(spec), look(other));

        Files.writeString(file, "dependencies:\n- scipy\n");
        assertStale(other);
        Files.delete(file);
        assertStale(other);
        Files.writeString(file, "dependencies:\n- numpy\n");
        assertTrue(look(other).isPresent());

        reference.put("specification", other.toValue());
        write(folder.resolve("reference.json"), reference);
        assertTrue(look(other).isPresent());
        assertStale(new EnvironmentSpec("nuclei", "auto", "script", "other", 2, null, "auto"));

        Files.delete(directory.resolve("cells").resolve("current"));
        assertStale(other);
        for (String text : new String[] {"", "[]", "{}", "{\"environment\": \"cells\", \"file\": 1}"}) {
            Files.writeString(folder.resolve("reference.json"), text);
            assertStale(other);
        }
    }

    @Test
    void thoseThatOthersKeepForAllComeAfterOnesOwn() throws IOException {
        Path central = directory.resolve("central");
        make(central, "cells", HASH);
        Path own = Files.createDirectory(directory.resolve("own"));
        EnvironmentLook both = new EnvironmentLook(List.of(own, central), "");
        assertEquals(central.resolve("cells").resolve(HASH), both.find(spec).orElseThrow().directory());
        make(own, "cells", "cafe");
        assertEquals(own.resolve("cells").resolve("cafe"), both.find(spec).orElseThrow().directory());
        Files.delete(own.resolve("cells").resolve("cafe").resolve("alcove.json"));
        assertEquals(central.resolve("cells").resolve(HASH), both.find(spec).orElseThrow().directory());
    }

    @Test
    void aPythonThatIsThereNeedsNoPreparation() throws IOException {
        EnvironmentSpec existing = EnvironmentSpec.existing(prefix());
        Environment plain = look(existing).orElseThrow();
        assertEquals(prefix().resolve("bin").resolve("python"), plain.python());
        assertEquals(null, plain.directory());
        assertEquals("existing", plain.engine());
        assertEquals(List.of(prefix().resolve("bin")), plain.path());

        marker.put("specification", existing.toValue());
        marker.put("engine", "existing");
        marker.put("python", plain.python().toString());
        make(directory, existing.name(), HASH);
        Environment known = look(existing).orElseThrow();
        assertEquals(plain.python(), known.python());
        assertEquals(variables(), known.variables());
    }

    @Test
    void aCondaEnvironmentThatIsThereFindsItsLibraries() throws IOException {
        Path unix = Files.createDirectories(directory.resolve("unix").resolve("conda-meta")).getParent();
        Environment onUnix = Environment.of("unix", unix.resolve("bin").resolve("python"));
        assertEquals(List.of(unix.resolve("bin")), onUnix.path());
        assertEquals(Map.of("CONDA_PREFIX", unix.toString()), onUnix.variables());
        Environment onWindows = Environment.of("windows", unix.resolve("python.exe"));
        assertEquals(unix.resolve(""), onWindows.path().get(0));
        assertTrue(onWindows.path().contains(unix.resolve("Library").resolve("bin")));
        assertEquals(Map.of("CONDA_PREFIX", unix.toString()), onWindows.variables());
        assertEquals(Map.of(), Environment.of("plain", Path.of("/usr/bin/python3")).variables());
    }

    private Path prefix() {
        return directory.resolve("cells").resolve(HASH);
    }

    private void make(Path environments, String name, String hash) throws IOException {
        Path prefix = environments.resolve(name).resolve(hash);
        Path python = prefix.resolve("bin").resolve("python");
        Files.createDirectories(python.getParent());
        assertTrue(Files.createFile(python).toFile().setExecutable(true));
        write(prefix.resolve("alcove.json"), marker);
        Files.writeString(environments.resolve(name).resolve("current"), hash + "\n");
    }

    private static void write(Path file, Map<String, Object> members) throws IOException {
        Files.write(file, Json.line(json -> Values.write(json, members, "marker")));
    }

    private Optional<Environment> look(EnvironmentSpec wanted) {
        return new EnvironmentLook(List.of(directory), "").find(wanted);
    }

    private Optional<Environment> look(String forcedVariant) {
        return new EnvironmentLook(List.of(directory), forcedVariant).find(spec);
    }

    private void assertStale(EnvironmentSpec wanted) {
        assertEquals(Optional.empty(), look(wanted));
    }
}
