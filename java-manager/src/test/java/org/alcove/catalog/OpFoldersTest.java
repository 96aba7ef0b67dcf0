package org.alcove.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folders that users and facilities choose for op files. */
class OpFoldersTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsAddedStaysUntilItIsRemoved() throws IOException {
        Path configuration = folder.resolve("settings ü");
        Path ops = folder.resolve("my ops ü");
        assertEquals(List.of(), OpFolders.list(configuration));
        OpFolders.add(configuration, ops);
        OpFolders.add(configuration, folder.resolve("x/../my ops ü"));
        OpFolders.add(configuration, folder.resolve("other"));
        assertEquals(List.of(ops, folder.resolve("other")), OpFolders.list(configuration));
        assertEquals(
                ops + "\n" + folder.resolve("other") + "\n", Files.readString(configuration.resolve("op-folders.txt")));
        OpFolders.remove(configuration, ops);
        OpFolders.remove(configuration, folder.resolve("never added"));
        assertEquals(List.of(folder.resolve("other")), OpFolders.list(configuration));
    }

    @Test
    void peopleMayWriteTheFileThemselves() throws IOException {
        Files.writeString(folder.resolve("op-folders.txt"), "# mine\r\n\r\n  /ops/a b  \r\nrelative\n/ops/a b\n\0\n/last");
        assertEquals(List.of(Path.of("/ops/a b"), Path.of("/last")), OpFolders.list(folder));
    }

    @Test
    void theVariableListsFoldersAsAPathDoes() {
        String list = "/a b" + File.pathSeparator + File.pathSeparator + " /c " + File.pathSeparator + "/a b/./";
        assertEquals(List.of(Path.of("/a b"), Path.of("/c")), OpFolders.ofVariable(Map.of("ALCOVE_OPS_PATH", list)));
        assertEquals(List.of(), OpFolders.ofVariable(Map.of()));
    }

    @Test
    void aListThatCannotBeWrittenIsSaid() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        AlcoveException failure = assertThrows(AlcoveException.class, () -> OpFolders.add(file, folder));
        assertEquals(ErrorKind.FILE_FAILED, failure.kind());
        assertEquals(List.of(), OpFolders.list(file));
    }
}
