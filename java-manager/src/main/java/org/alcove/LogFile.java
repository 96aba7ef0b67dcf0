package org.alcove;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * What happened to the workers of a manager, and what they wrote, in a file of its own: {@code
 * <data>/logs/alcove-<time>-<process>.log}. It is made with the first line. Of each program the last lines are kept, and of
 * the last programs. Whoever writes a line never waits for the disk; where nothing can be written, nothing else suffers.
 */
final class LogFile {
    static final String FOLDER = "logs";
    private static final int MOST_BYTES = 5 << 20;
    static final int MOST_FILES = 40;
    private static final int EARLIER_PARTS = 2;
    private static final int MOST_WAITING = 5000;
    private static final int LONGEST_LINE = 4000;
    private static final long MILLISECONDS_BETWEEN_WRITES = 200;
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    private final Host host;
    private final int mostBytes;
    private final Coalesced writing;
    private final Deque<String> waiting = new ArrayDeque<>(); // guarded by itself, as is the next
    private long leftOut;
    private Path folder; // guarded by this, as are the next
    private Path file;
    private FileChannel channel;
    private long bytes;
    private boolean hasWarned;

    LogFile(Host host) {
        this(host, MOST_BYTES);
    }

    /** Another part is begun after so many bytes. */
    LogFile(Host host, int mostBytes) {
        this.host = host;
        this.mostBytes = mostBytes;
        this.writing = new Coalesced(host, MILLISECONDS_BETWEEN_WRITES, this::write);
    }

    /** From now on lines are written, to a file in this folder, which need not be there. */
    synchronized void writeTo(Path folder) {
        this.folder = folder;
    }

    /** Somebody who may have much to say. */
    Source source() {
        return new Source();
    }

    /** Adds a line; what is secret in it is masked. */
    private void add(String text) {
        String cut = text.length() <= LONGEST_LINE ? text : text.substring(0, LONGEST_LINE) + "…";
        String line = TIME.format(LocalDateTime.now()) + " " + Secrets.masked(cut.replace("\n", "\n    ")) + "\n";
        synchronized (waiting) {
            if (waiting.size() == MOST_WAITING) {
                leftOut++;
                return;
            }
            waiting.addLast(line);
        }
        writing.ask();
    }

    private synchronized void write() {
        if (folder == null) {
            return;
        }
        StringBuilder text = new StringBuilder();
        synchronized (waiting) {
            waiting.forEach(text::append);
            waiting.clear();
            if (leftOut > 0) {
                text.append(leftOut).append(" lines left out: the disk is too slow\n");
                leftOut = 0;
            }
        }
        if (text.length() == 0) {
            return;
        }
        try {
            if (channel == null) {
                open();
            } else if (bytes > mostBytes) {
                rotate();
            }
            append(text.toString());
        } catch (IOException e) {
            if (!hasWarned) {
                hasWarned = true;
                host.warn("the log file in " + folder + " cannot be written: "
                        + (e instanceof FileAlreadyExistsException ? "it is no folder" : Folders.reason(e)));
            }
        }
    }

    private void open() throws IOException {
        if (file == null) {
            Files.createDirectories(folder);
            deleteOldest();
            file = unused();
        }
        channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OwnerOnly.attributes(folder));
        bytes = 0;
        append("Alcove " + Alcove.version() + ", Java " + System.getProperty("java.version") + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch") + ", process " + ProcessHandle.current().pid() + "\n");
    }

    /** A name that no other manager of this program has taken. */
    private Path unused() {
        String name = "alcove-" + NAME.format(LocalDateTime.now()) + "-" + ProcessHandle.current().pid();
        Path unused = folder.resolve(name + ".log");
        for (int number = 2; Files.exists(unused); number++) {
            unused = folder.resolve(name + "-" + number + ".log");
        }
        return unused;
    }

    private void append(String text) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        bytes += buffer.remaining();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private void rotate() throws IOException {
        channel.close();
        channel = null;
        for (int part = EARLIER_PARTS; part > 0; part--) {
            Path newer = part == 1 ? file : part(part - 1);
            try {
                Files.move(newer, part(part), StandardCopyOption.REPLACE_EXISTING);
            } catch (NoSuchFileException e) {
                // There are not so many parts yet.
            }
        }
        open();
    }

    private Path part(int number) {
        return file.resolveSibling(file.getFileName().toString().replaceFirst("log$", number + ".log"));
    }

    private void deleteOldest() throws IOException {
        List<Path> all = files(folder);
        for (Path old : all.subList(0, Math.max(0, all.size() - MOST_FILES + 1))) {
            Files.deleteIfExists(old);
        }
    }

    /** The log files in a folder, the one that was written to last at the end. */
    static List<Path> files(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "alcove-*.log")) {
                files.forEach(all::add);
            }
        }
        all.sort(Comparator.comparing(LogFile::lastChange));
        return all;
    }

    private static FileTime lastChange(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0); // deleted by another program just now
        }
    }

    /** Writes what waits; what comes after is not written any more. */
    void close() {
        write();
        synchronized (this) {
            folder = null;
            try {
                if (channel != null) {
                    channel.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A worker: when it has too much to say, some of its lines are left out, and the next says how many. */
    final class Source {
        private static final int BURST = 500;
        private static final int LINES_A_SECOND = 50;
        private static final double SECOND = 1e9;
        private double allowed = BURST; // guarded by this, as are the next
        private long last = System.nanoTime();
        private long missing;

        /** A line of what it wrote. */
        void line(long pid, String kind, String text) {
            long before;
            synchronized (this) {
                long now = System.nanoTime();
                allowed = Math.min(BURST, allowed + (now - last) / SECOND * LINES_A_SECOND);
                last = now;
                // In a flood some lines together every second, not one now and then.
                if (allowed < (missing > 0 ? LINES_A_SECOND : 1)) {
                    missing++;
                    return;
                }
                allowed--;
                before = missing;
                missing = 0;
            }
            mention(pid, before);
            add("worker " + pid + " " + kind + ": " + text);
        }

        /** What happened to it, which is never left out. */
        void say(long pid, String text) {
            long before;
            synchronized (this) {
                before = missing;
                missing = 0;
            }
            mention(pid, before);
            add("worker " + pid + " " + text);
        }

        private void mention(long pid, long missing) {
            if (missing > 0) {
                add("worker " + pid + " stderr: (" + missing + " lines left out)");
            }
        }
    }
}
