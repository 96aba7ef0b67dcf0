package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The environment variables of a process in an environment, and which versions of one belong together. */
class LaunchTest {
    private static final Path PREFIX = Path.of("/envs/cells/0123").toAbsolutePath();

    @Test
    void theEnvironmentsFoldersComeFirstInItsOrder() {
        Map<String, String> variables = activated(Map.of("PATH", "/usr/bin"), Map.of(), false);
        assertEquals(PREFIX.resolve("bin") + File.pathSeparator + PREFIX.resolve("Library") + File.pathSeparator + "/usr/bin",
                variables.get("PATH"));
        assertEquals(PREFIX.resolve("bin") + File.pathSeparator + PREFIX.resolve("Library"),
                activated(Map.of(), Map.of(), false).get("PATH"));
    }

    @Test
    void windowsHasOnePathHoweverItIsWritten() {
        Map<String, String> variables = activated(Map.of("Path", "C:\\Windows"), Map.of(), true);
        assertTrue(variables.get("Path").endsWith(File.pathSeparator + "C:\\Windows"), variables::toString);
        assertFalse(variables.containsKey("PATH"));
        Map<String, String> elsewhere = activated(Map.of("Path", "mine"), Map.of(), false);
        assertEquals("mine", elsewhere.get("Path"));
        assertFalse(elsewhere.get("PATH").contains("mine"));
    }

    @Test
    void whatTheShellHasActivatedIsGoneAndWhatTheEnvironmentSaysHolds() {
        Map<String, String> shell = Map.of(
                "CONDA_PREFIX", "/base", "CONDA_SHLVL", "2", "_CONDA_EXE", "x", "PYTHONPATH", "y", "VIRTUAL_ENV", "z",
                "CONDA_OVERRIDE_CUDA", "12.4", "GDAL_DATA", "/base/gdal", "PROJ_LIB", "/base/proj", "HOME", "/home/me");
        Map<String, String> activation = new HashMap<>(Map.of(
                "CONDA_PREFIX", PREFIX.toString(), "GDAL_DATA", PREFIX + "/gdal"));
        activation.put("PROJ_LIB", null);
        Map<String, String> variables = activated(shell, activation, false);
        variables.remove("PATH");
        assertEquals(
                Map.of("CONDA_PREFIX", PREFIX.toString(), "GDAL_DATA", PREFIX + "/gdal", "CONDA_OVERRIDE_CUDA", "12.4",
                        "HOME", "/home/me", "PYTHONNOUSERSITE", "1", "MPLBACKEND", "Agg"),
                variables);
    }

    @Test
    void windowsReplacesVariablesHoweverTheyAreWritten() {
        Map<String, String> shell = Map.of("Ssl_Cert_File", "old", "Proj_Lib", "old");
        Map<String, String> activation = new HashMap<>(Map.of("SSL_CERT_FILE", "new"));
        activation.put("PROJ_LIB", null);
        Map<String, String> variables = activated(shell, activation, true);
        assertEquals("new", variables.get("SSL_CERT_FILE"));
        assertFalse(variables.containsKey("Ssl_Cert_File"));
        assertFalse(variables.containsKey("Proj_Lib"));
        assertEquals("old", activated(shell, activation, false).get("Ssl_Cert_File"));
    }

    @Test
    void versionsOfOneEnvironmentAreKnownByTheirFolder() {
        Launch one = launch("/envs/cells/01", "ops");
        assertTrue(one.isOtherVersionOf(launch("/envs/cells/02", "ops")));
        assertFalse(one.isOtherVersionOf(launch("/envs/cells/01", "ops")));
        assertFalse(one.isOtherVersionOf(launch("/envs/nuclei/02", "ops")));
        assertFalse(one.isOtherVersionOf(launch("/envs/cells/02", "files")));
        Launch plain = new Launch(Environment.of("python", Path.of("/usr/bin/python3")), PREFIX, "ops");
        assertFalse(plain.isOtherVersionOf(new Launch(Environment.of("python", Path.of("/bin/python3")), PREFIX, "ops")));
        assertFalse(one.isOtherVersionOf(plain));
    }

    @Test
    void librariesComputeWithTheThreadsOfTheirWorker() {
        Map<String, String> variables = allotted(Map.of(), new Allotment(4, null, 0));
        assertEquals("4", variables.get("OMP_NUM_THREADS"));
        assertEquals("4", variables.get("MKL_NUM_THREADS"));
        assertEquals("4", variables.get("NUMBA_NUM_THREADS"));
        assertFalse(variables.containsKey("CUDA_VISIBLE_DEVICES"));
        assertEquals(Map.of("CUDA_VISIBLE_DEVICES", "1"), allotted(Map.of("CUDA_VISIBLE_DEVICES", "0,1"), new Allotment(0, "1", 0)));
    }

    @Test
    void whoeverHasSaidSomethingAboutThreadsIsRight() {
        Map<String, String> variables = allotted(
                Map.of("OMP_NUM_THREADS", "2", "NUMBA_NUM_THREADS", "1"), new Allotment(4, null, 0));
        assertEquals("2", variables.get("OMP_NUM_THREADS"));
        assertEquals("1", variables.get("NUMBA_NUM_THREADS"));
        assertFalse(variables.containsKey("MKL_NUM_THREADS"), "it follows the general one");
        assertEquals("4", variables.get("VECLIB_MAXIMUM_THREADS"));
        assertEquals("8", allotted(Map.of("MKL_NUM_THREADS", "8"), new Allotment(4, null, 0)).get("MKL_NUM_THREADS"));
    }

    private static Map<String, String> allotted(Map<String, String> shell, Allotment allotment) {
        Map<String, String> variables = new HashMap<>(shell);
        Launch.allot(variables, allotment);
        return variables;
    }

    private static Launch launch(String prefix, String purpose) {
        Path directory = Path.of(prefix);
        Environment environment = new Environment(
                "cells", "uv", directory, directory.resolve("bin").resolve("python"), List.of(), Map.of());
        return new Launch(environment, PREFIX, purpose);
    }

    private static Map<String, String> activated(
            Map<String, String> shell, Map<String, String> activation, boolean windows) {
        Environment environment = new Environment(
                "cells", "rattler", PREFIX, PREFIX.resolve("bin").resolve("python"),
                List.of(PREFIX.resolve("bin"), PREFIX.resolve("Library")), Collections.unmodifiableMap(activation));
        Map<String, String> variables = new HashMap<>(shell);
        Launch.activate(variables, environment, windows);
        return variables;
    }
}
