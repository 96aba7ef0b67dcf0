package org.alcove.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alcove.AlcoveException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files a pattern stands for. */
class FilePatternTest {
    @TempDir
    Path temporary;

    private Path folder;

    @BeforeEach
    void makeFiles() throws IOException {
        folder = temporary.resolve("ein Ordner ü");
        for (String name : List.of(
                "top.tif", "plate1/A1.tif", "plate1/A2.tif", "plate1/A10.tif", "plate1/A1.txt", "plate2/deep/B1.tiff",
                ".hidden/C1.tif", "plate1/.A3.tif", "plate1/we[i]rd.tif", "out/A1_labels.tif", "im.zarr/0/c.tif")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "*.tif | top.tif",
        "plate1/A?.tif | plate1/A1.tif plate1/A2.tif",
        "plate1/A*.tif | plate1/A1.tif plate1/A2.tif plate1/A10.tif",
        "plate1/A[2-9].tif | plate1/A2.tif",
        "*/*.{tif,txt} | out/A1_labels.tif plate1/A1.tif plate1/A1.txt plate1/A2.tif plate1/A10.tif plate1/we[i]rd.tif",
        "{plate1/A{1,2},top}.tif | plate1/A1.tif plate1/A2.tif top.tif",
        "plate1/.A*.tif | plate1/.A3.tif",
        "**/B*.tiff | plate2/deep/B1.tiff",
        "**/deep/**/*.tiff | plate2/deep/B1.tiff",
        "plate2/** | plate2/deep/B1.tiff",
        "**/top.* | top.tif",
        ".hidden/*.tif | .hidden/C1.tif",
        "plate9/*.tif | ''"
    })
    void findsInNaturalOrder(String pattern, String expected) {
        List<String> wanted = expected.isEmpty() ? List.of() : List.of(expected.split(" "));
        assertEquals(wanted, found(pattern, false, null));
    }

    @Test
    void leavesOutWhatTheBatchWrites() {
        assertEquals(List.of("top.tif"), found("{t,A}*.tif", false, null));
        assertTrue(found("**/A1*.tif", false, null).contains("out/A1_labels.tif"));
        assertFalse(found("**/A1*.tif", false, folder.resolve("out")).contains("out/A1_labels.tif"));
    }

    @Test
    void aFolderMayBeAnImage() {
        assertEquals(List.of(), found("**/*.zarr", false, null));
        assertEquals(List.of("im.zarr"), found("**/*.zarr", true, null));
        assertEquals(List.of("im.zarr"), found("*.zarr", true, null));
    }

    @Test
    void aLinkThatLeadsBackIsFollowedOnce() throws IOException {
        Files.createSymbolicLink(folder.resolve("plate2/back"), folder);
        assertEquals(List.of("plate2/deep/B1.tiff"), found("**/*.tiff", false, null));
    }

    @Test
    void aFileWithBracketsInItsNameIsAFile() {
        assertFalse(FilePattern.isOne("plate1/we[i]rd.tif", folder));
        assertTrue(FilePattern.isOne("plate1/we[ab].tif", folder));
        assertFalse(FilePattern.isOne("plate1/A1.tif", folder));
    }

    @Test
    void theFixedPartIsTheBase() {
        assertEquals(folder.resolve("plate1"), FilePattern.of("plate1/**/*.tif", folder).base());
        assertEquals(folder, FilePattern.of("./*/../*.tif", folder).base());
        assertEquals(Path.of("/data/x"), FilePattern.of("/data/x/*.tif", folder).base());
    }

    @Test
    void aPatternThatIsNoneIsRefused() {
        AlcoveException refused = assertThrows(AlcoveException.class, () -> found("plate1/[a.tif", false, null));
        assertTrue(refused.getMessage().contains("plate1/[a.tif"));
    }

    private List<String> found(String pattern, boolean folders, Path leftOut) {
        return FilePattern.of(pattern, folder).find(folders, leftOut).stream()
                .map(file -> folder.relativize(file).toString())
                .toList();
    }
}
