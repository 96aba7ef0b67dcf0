package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where data lives on each platform, and what overrides it. */
class PlacesTest {
    private static final String HOME = Path.of("home", "ü").toString();
    private static final Path LINUX = Path.of(HOME, ".local", "share", "alcove");

    @Test
    void onLinuxDataIsWhereXdgSays() {
        expect(LINUX, "the platform's default", Map.of(), "Linux");
        expect(Path.of("/data/alcove"), "XDG_DATA_HOME", Map.of("XDG_DATA_HOME", "/data"), "Linux");
    }

    @Test
    void onLinuxARelativeXdgFolderDoesNotCount() {
        expect(LINUX, "the platform's default", Map.of("XDG_DATA_HOME", "data"), "Linux");
        expect(LINUX, "the platform's default", Map.of("XDG_DATA_HOME", ""), "Linux");
    }

    @Test
    void theHomeFolderIsTheOneThatTheEnvironmentNames() {
        Path named = Path.of("/elsewhere", ".local", "share", "alcove");
        expect(named, "the platform's default", Map.of("HOME", "/elsewhere"), "Linux");
        expect(LINUX, "the platform's default", Map.of("HOME", ""), "Linux");
    }

    @Test
    void onMacOsDataIsInApplicationSupport() {
        expect(
                Path.of(HOME, "Library", "Application Support", "Alcove"),
                "the platform's default",
                Map.of("XDG_DATA_HOME", "/data", "LOCALAPPDATA", "C:\\data"),
                "Mac OS X");
    }

    @Test
    void onWindowsDataIsInTheLocalApplicationData() {
        expect(Path.of("local", "Alcove"), "LOCALAPPDATA", Map.of("LOCALAPPDATA", "local"), "Windows 11");
        expect(Path.of(HOME, "AppData", "Local", "Alcove"), "the platform's default", Map.of(), "Windows Server 2022");
    }

    @Test
    void theVariableOverridesEveryPlatform() {
        Path chosen = Path.of("elsewhere").toAbsolutePath();
        for (String system : new String[] {"Linux", "Mac OS X", "Windows 10"}) {
            expect(chosen, "ALCOVE_DATA_DIR", Map.of("ALCOVE_DATA_DIR", "elsewhere", "XDG_DATA_HOME", "/x"), system);
        }
    }

    @Test
    void anEmptyVariableOverridesNothing() {
        expect(LINUX, "the platform's default", Map.of("ALCOVE_DATA_DIR", " "), "Linux");
    }

    @Test
    void thisMachineHasAPlaceForEverything() {
        assertTrue(Places.dataDirectory().path().isAbsolute());
        assertTrue(Places.memoryDirectory().path().isAbsolute());
    }

    private static void expect(Path path, String reason, Map<String, String> variables, String system) {
        assertEquals(new Places.Place(path, reason), Places.dataDirectory(variables, system, HOME));
    }
}
