package org.alcove.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is put into the folder of an ImageJ. */
class InstallationTest {
    @TempDir
    private Path folder;

    private Path home;
    private Path plugin;

    @BeforeEach
    void unpack() throws IOException {
        home = folder.resolve("Image J ü");
        Files.createDirectories(home.resolve("plugins"));
        Files.writeString(home.resolve("ij.jar"), "");
        plugin = Files.writeString(folder.resolve("Alcove_-2.0.0.jar"), "new");
    }

    @Test
    void anImageJIsFoundByItsFolderOrOneAroundIt() {
        assertEquals(home, ImageJFolder.at(home).directory());
        assertEquals(home, ImageJFolder.at(home.resolve("plugins")).directory());
        assertEquals(home, ImageJFolder.at(folder).directory());
        assertEquals(ErrorKind.INVALID_PARAMS, assertThrows(
                        AlcoveException.class, () -> ImageJFolder.at(folder.resolve("none")))
                .kind());
    }

    @Test
    void theJavaThatItComesWithIsKnown() throws IOException {
        assertEquals(OptionalInt.empty(), ImageJFolder.at(home).java());
        write(home.resolve("jre/release"), "JAVA_VERSION=\"1.8.0_172\"\n");
        assertEquals(OptionalInt.of(8), ImageJFolder.at(home).java());
        write(home.resolve("java/linux64/zulu21/release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"21.0.7\"\n");
        assertEquals(OptionalInt.of(21), ImageJFolder.at(home).java());
    }

    @Test
    void thePluginComesInPlaceOfOlderOnesAndStartsWithImageJ() throws IOException {
        Path old = write(home.resolve("plugins/Alcove_-1.0.0.jar"), "old");
        Path elsewhere = write(home.resolve("plugins/Sub/Alcove_-1.5.0.jar"), "old");
        Path other = write(home.resolve("plugins/Other_.jar"), "");
        Installation done = Installation.into(ImageJFolder.at(home), plugin, List.of(), false);
        assertEquals(new TreeSet<>(List.of(old, elsewhere)), new TreeSet<>(done.replaced()));
        assertEquals(List.of(home.resolve("plugins/Alcove_-2.0.0.jar"), other), jars());
        assertEquals("new", Files.readString(done.jar()));
        assertTrue(done.startsByItself() && ImageJFolder.at(home).startMacro().isThere());
        assertTrue(Files.isDirectory(home.resolve("plugins/Alcove")));
        assertEquals(List.of(), Installation.into(ImageJFolder.at(home), plugin, List.of(), false).replaced());
    }

    @Test
    void fijiStartsItWithoutAMacro() throws IOException {
        write(home.resolve("jars/imagej-legacy-2.0.1.jar"), "");
        assertTrue(Installation.into(ImageJFolder.at(home), plugin, List.of(), false).startsByItself());
        assertFalse(Files.exists(home.resolve("macros")));
    }

    @Test
    void opFilesAreCopiedAndOthersNotLostByAccident() throws IOException {
        Path op = write(folder.resolve("ops/cells.py"), "one");
        write(folder.resolve("ops/models/weights.bin"), "w");
        write(folder.resolve("ops/__pycache__/cells.pyc"), "");
        Path target = home.resolve("plugins/Alcove/cells.py");
        assertEquals(List.of(target), Installation.into(ImageJFolder.at(home), plugin, List.of(op), false).ops());
        Installation.into(ImageJFolder.at(home), plugin, List.of(op), false); // the same content does no harm
        Files.writeString(op, "two");
        AlcoveException refused = assertThrows(
                AlcoveException.class, () -> Installation.into(ImageJFolder.at(home), plugin, List.of(op), false));
        assertTrue(refused.getMessage().contains("cells.py is there already") && refused.hint().orElse("").contains("--replace"));
        assertEquals("one", Files.readString(target));
        Installation.into(ImageJFolder.at(home), plugin, List.of(op), true);
        assertEquals("two", Files.readString(target));
        List<Path> copied = Installation.into(ImageJFolder.at(home), plugin, List.of(folder.resolve("ops")), false).ops();
        Path ops = home.resolve("plugins/Alcove/ops");
        assertEquals(List.of(ops.resolve("cells.py"), ops.resolve("models/weights.bin")), copied);
    }

    @Test
    void whatCannotBeWrittenIsToldAndTheOldOneStays() throws IOException {
        Path old = write(home.resolve("plugins/Alcove_-1.0.0.jar"), "old");
        Files.createDirectories(home.resolve("plugins/Alcove_-2.0.0.jar/not empty"));
        AlcoveException failure = assertThrows(
                AlcoveException.class, () -> Installation.into(ImageJFolder.at(home), plugin, List.of(), false));
        assertEquals(ErrorKind.FILE_FAILED, failure.kind());
        assertTrue(failure.getMessage().contains("cannot be written"), failure.getMessage());
        assertTrue(Files.exists(old));
    }

    private List<Path> jars() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("plugins"))) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().collect(Collectors.toList());
        }
    }

    private static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
