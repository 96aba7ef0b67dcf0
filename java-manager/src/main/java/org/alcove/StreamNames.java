package org.alcove;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of a stream in its directory: their names, how they come and how they go. */
final class StreamNames {
    private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9._-]{0,63}";
    private static final String PREFIX = "alcove-stream.";
    private static final Pattern FILE = Pattern.compile("alcove-stream\\.(" + NAME + ")=(|[0-9]{1,19}|new[0-9a-f]+)");
    private static final SecureRandom RANDOM = new SecureRandom();

    final Path directory;
    final String name;

    /** Nothing is read or written. */
    StreamNames(Path directory, String name) {
        if (!name.matches(NAME)) {
            throw new AlcoveException(
                    ErrorKind.STREAM_UNAVAILABLE,
                    "\"" + name + "\" is no name of a stream",
                    "use 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or a digit");
        }
        this.directory = directory;
        this.name = name;
    }

    Path control() {
        return directory.resolve(PREFIX + name + "=");
    }

    Path slot(long number) {
        return directory.resolve(PREFIX + name + "=" + number);
    }

    /** Makes the control file if there is none; it shows its name only when it is complete. */
    void createControl() throws IOException {
        if (Files.exists(control())) {
            return;
        }
        Files.createDirectories(directory);
        Path incomplete = directory.resolve(PREFIX + name + "=new" + Long.toHexString(RANDOM.nextLong()));
        long firstFile = 1 + RANDOM.nextLong(1L << 46);
        try (FileChannel channel = create(incomplete)) {
            for (ByteBuffer content = StreamControl.initial(firstFile); content.hasRemaining(); ) {
                channel.write(content);
            }
            link(incomplete, control());
        } catch (FileAlreadyExistsException e) {
            // Another process was faster.
        } finally {
            BlockFiles.delete(incomplete);
        }
    }

    static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                OwnerOnly.attributes(file.getParent()));
    }

    private static void link(Path file, Path name) throws IOException {
        try {
            Files.createLink(name, file);
        } catch (UnsupportedOperationException e) {
            Files.move(file, name); // which on such file systems replaces nothing, either
        }
    }

    /** The slot files that lie there now under the name of this stream. */
    List<Path> slots() throws IOException {
        List<Path> slots = new ArrayList<>();
        for (Path file : list(directory, PREFIX + name + "=*")) {
            if (isSlot(file)) {
                slots.add(file);
            }
        }
        return slots;
    }

    /** The stream that a file with such a name belongs to, or null. */
    static StreamNames of(Path file) {
        Matcher matcher = FILE.matcher(file.getFileName().toString());
        return matcher.matches() ? new StreamNames(file.getParent(), matcher.group(1)) : null;
    }

    static boolean isSlot(Path file) {
        return file.getFileName().toString().matches(".*=[0-9]+");
    }

    /** Every file in the directory that belongs to a stream, complete or not. */
    static List<Path> all(Path directory) throws IOException {
        List<Path> files = list(directory, PREFIX + "*=*");
        files.removeIf(file -> of(file) == null);
        return files;
    }

    private static List<Path> list(Path directory, String glob) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
            stream.forEach(files::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return files;
    }

    /**
     * Deletes a slot file that nobody reads. Who still maps it, as every JVM does until it collects garbage, would keep
     * its pages; so they are taken away first. The file gets its size back, empty: a look at a page that a file does not
     * reach would kill.
     */
    static void discard(Path slot) {
        try {
            BlockFiles.uninterrupted(() -> {
                try (FileChannel channel = FileChannel.open(slot, StandardOpenOption.WRITE)) {
                    long size = channel.size();
                    channel.truncate(0);
                    return size == 0 ? 0 : channel.write(ByteBuffer.allocate(1), size - 1);
                }
            });
        } catch (IOException e) {
            // Gone already, or Windows, which refuses while somebody maps it.
        }
        BlockFiles.delete(slot);
    }
}
