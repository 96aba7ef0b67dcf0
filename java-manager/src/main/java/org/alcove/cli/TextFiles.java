package org.alcove.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that are written whole or not at all. */
final class TextFiles {
    private TextFiles() {}

    /** Replaces what was there before; its folder is made when it is missing. */
    static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    static void write(Path file, byte[] content) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path folder = Files.createDirectories(absolute.getParent());
        Path staging = folder.resolve(".staging-" + ProcessHandle.current().pid() + "-" + absolute.getFileName());
        try {
            Files.write(staging, content);
            Files.move(staging, absolute, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(staging);
        }
    }
}
