package org.alcove.batch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/** The output folder of a batch, which nobody else's batch works in until it is closed. */
final class BatchFolder implements AutoCloseable {
    /** What a batch keeps beside its outputs. */
    static final String OWN = ".alcove-batch";

    /** This program's: a system's lock would not keep it from itself, and closing the file once more would end it. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();
    /** The byte that is locked; what stands in the file says who did it, and can be read meanwhile. */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private final Path output;
    private final FileChannel lockFile;

    private BatchFolder(Path output, FileChannel lockFile) {
        this.output = output;
        this.lockFile = lockFile;
    }

    /**
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED} when the folder cannot be used, or another batch works in it
     */
    static BatchFolder open(Path folder) {
        Path output;
        try {
            Files.createDirectories(folder.resolve(OWN));
            output = folder.toRealPath();
        } catch (IOException e) {
            throw failure("the output folder " + folder + " cannot be used: " + reason(e), "choose another one", e);
        }
        if (!OPEN.add(output)) {
            throw busy(output, "of this program");
        }
        FileChannel channel = null;
        try {
            channel = lock(output);
            BatchFolder opened = new BatchFolder(output, channel);
            opened.sweep();
            return opened;
        } catch (IOException | RuntimeException e) {
            close(output, channel);
            throw e instanceof AlcoveException failure
                    ? failure
                    : failure("the output folder " + folder + " cannot be used: " + reason(e), "choose another one", e);
        }
    }

    /** As it is, without keeping anybody else out. */
    static BatchFolder look(Path folder) {
        return new BatchFolder(folder, null);
    }

    private static FileChannel lock(Path output) throws IOException {
        FileChannel channel = FileChannel.open(output.resolve(OWN).resolve("lock"),
                StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock(LOCKED_BYTE, 1, false);
        } catch (IOException unable) {
            return channel; // some network drives know no locks
        }
        if (lock == null) {
            ByteBuffer who = ByteBuffer.allocate(100);
            channel.read(who, 0);
            channel.close();
            throw busy(output, "in process " + StandardCharsets.UTF_8.decode(who.flip()));
        }
        channel.truncate(0);
        channel.write(StandardCharsets.UTF_8.encode(String.valueOf(ProcessHandle.current().pid())), 0);
        return channel;
    }

    private static AlcoveException busy(Path output, String who) {
        return failure("another batch " + who + " works in " + output,
                "wait until it has ended, or choose another folder", null);
    }

    /** What a killed batch was writing. */
    private void sweep() throws IOException {
        Files.createDirectories(staging());
        try (Stream<Path> left = Files.list(staging())) {
            for (Path file : (Iterable<Path>) left::iterator) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** With no link in it. */
    Path output() {
        return output;
    }

    Path journal() {
        return own().resolve("journal.jsonl");
    }

    /** Where files are written before they get their names. */
    Path staging() {
        return own().resolve("staging");
    }

    /** Where the table of one item waits to be joined; spread over folders, for there may be a million. */
    Path tablePart(String output, String item) {
        String digest = Digests.of(item);
        return own().resolve("tables").resolve(output).resolve(digest.substring(0, 2)).resolve(digest + ".csv");
    }

    /** A path in it as it stands in the journal, so that the folder may be moved. */
    String name(Path file) {
        return file.startsWith(output) ? output.relativize(file).toString().replace('\\', '/') : file.toString();
    }

    Path file(String name) {
        return output.resolve(name);
    }

    /** Whether it is still there, and the disk that it lies on. */
    boolean isThere() {
        return Files.isDirectory(staging());
    }

    private Path own() {
        return output.resolve(OWN);
    }

    @Override
    public void close() {
        if (lockFile != null) {
            close(output, lockFile);
        }
    }

    private static void close(Path output, FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException gone) {
            // with the disk, and the lock with it
        } finally {
            OPEN.remove(output);
        }
    }

    static AlcoveException failure(String message, String hint, Exception cause) {
        AlcoveException failure = new AlcoveException(ErrorKind.FILE_FAILED, message, hint, Map.of("cause", "failed"));
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }

    /** Why, in words: Java's own message is often no more than the file's name. */
    static String reason(Exception e) {
        String kind = e.getClass().getSimpleName().replaceAll("Exception$", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ");
        return e.getMessage() == null ? kind : kind + ": " + e.getMessage();
    }
}
