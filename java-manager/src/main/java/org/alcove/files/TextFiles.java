package org.alcove.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Files that are written whole or not at all, whatever ends the process or the machine meanwhile. */
public final class TextFiles {
    private TextFiles() {}

    /** Replaces what was there before, in UTF-8; the folder is made when it is missing. */
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Replaces what was there before; the folder is made when it is missing. */
    public static void write(Path file, byte[] content) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path folder = Files.createDirectories(absolute.getParent());
        Path staging = folder.resolve(".staging-" + ProcessHandle.current().pid() + "-" + absolute.getFileName());
        try {
            try (FileChannel channel = FileChannel.open(staging, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                for (ByteBuffer rest = ByteBuffer.wrap(content); rest.hasRemaining(); ) {
                    channel.write(rest);
                }
                channel.force(true); // else a power cut after the move can leave an empty file under the final name
            }
            replace(staging, absolute);
        } finally {
            Files.deleteIfExists(staging);
        }
    }

    /** Moves a file that is whole to the name of one that it replaces, on the same disk. */
    public static void replace(Path whole, Path file) throws IOException {
        Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        toDisk(file.toAbsolutePath().getParent());
    }

    private static void toDisk(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException unable) {
            // Windows cannot open folders, and some network drives refuse; the file itself is safe.
        }
    }
}
