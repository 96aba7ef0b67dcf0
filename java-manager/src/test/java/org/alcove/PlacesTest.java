package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void sharedMemoryIsWhereThereIsRoomForIt(@TempDir Path directory) throws IOException {
        assertEquals(new Places.Place(directory, "the platform's default"), Places.memoryDirectory(Map.of(), directory));
        Places.Place none = Places.memoryDirectory(Map.of(), directory.resolve("none"));
        assertTrue(none.isTemporary());
        assertTrue(none.path().startsWith(Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath()));
        assertTrue(none.reason().contains("no " + directory.resolve("none")), none.reason());
        try (SmallFileSystem small = SmallFileSystem.mount(directory.resolve("small"), 64)) {
            Places.Place fallback = Places.memoryDirectory(Map.of(), small.directory());
            assertEquals(none.path(), fallback.path());
            assertTrue(fallback.reason().contains("less than 128 MiB"), fallback.reason());
            Path chosen = Path.of("chosen").toAbsolutePath();
            assertEquals(new Places.Place(chosen, "ALCOVE_MEMORY_DIR"),
                    Places.memoryDirectory(Map.of("ALCOVE_MEMORY_DIR", "chosen"), small.directory()));
        }
    }

    @Test
    void filesOnDiskAreNewsWhereMemoryIsExpected() {
        Path folder = Path.of("temporary").toAbsolutePath();
        Places.Place fallback = new Places.Place(folder, "no room", true);
        String notice = Places.notice(fallback, "Linux").orElseThrow();
        assertTrue(notice.contains("no room") && notice.contains(folder.toString()), notice);
        assertTrue(Places.notice(fallback, "Mac OS X").isEmpty());
        assertTrue(Places.notice(fallback, "Windows 11").isEmpty());
        assertTrue(Places.notice(new Places.Place(folder, "ALCOVE_MEMORY_DIR"), "Linux").isEmpty());
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
