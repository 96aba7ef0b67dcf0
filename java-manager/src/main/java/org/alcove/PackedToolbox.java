package org.alcove;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The toolbox in a packed environment: its wheels are put in on request, and make the toolbox of a machine that has no
 * network. A pack is a plain tar file; the wheels are its first members after the manifest. What they must be is known from
 * the pins, so nothing else in the pack need be believed here.
 */
final class PackedToolbox {
    private static final int RECORD_BYTES = 512;
    private static final int SIZE = 124;
    private static final int SIZE_DIGITS = 12;
    private static final int TYPE = 156;
    private static final int NAME_BYTES = 100;
    private static final int MOST_HEADER_BYTES = 1 << 16;
    private static final Pattern WHEEL = Pattern.compile("toolbox/([A-Za-z0-9_.+-]+\\.whl)");
    private static final Pattern LONG_NAME = Pattern.compile("\\d+ path=([^\\n]*)\\n");

    private final Host host;
    private final Toolbox toolbox;
    private final Path cache;

    /** {@code cache} is a folder in which temporary ones may be made. */
    PackedToolbox(Host host, Toolbox toolbox, Path cache) {
        this.host = host;
        this.toolbox = toolbox;
        this.cache = cache;
    }

    /** Does something with a folder that holds the wheels and is deleted afterwards. */
    <T> T withWheels(Consumer<Progress> listener, Function<Path, T> use) {
        return inFolder(wheels -> {
            Call.around(host, listener, call -> {
                toolbox.download(call, wheels);
                return null;
            });
            return use.apply(wheels);
        });
    }

    /** Makes the toolbox from the wheels in a pack, unless it is there, or there are none. */
    void makeFrom(Path pack, Consumer<Progress> listener) {
        if (toolbox.find().isPresent() || !Files.isRegularFile(pack)) {
            return; // what is wrong with the file, unpacking says
        }
        inFolder(wheels -> extract(pack, wheels) == 0
                ? null
                : Call.around(host, listener, call -> toolbox.madeFrom(wheels).launch(call, "environments")));
    }

    private <T> T inFolder(Function<Path, T> use) {
        try {
            Path wheels = Files.createTempDirectory(Files.createDirectories(cache), ".staging-wheels-");
            try {
                return use.apply(wheels);
            } finally {
                Folders.delete(wheels);
            }
        } catch (IOException e) {
            throw Toolbox.failure("permission", "the toolbox's packages could not be written to " + cache + ": "
                    + Folders.reason(e), "make room there, or let ALCOVE_DATA_DIR name another folder", List.of());
        }
    }

    /** How many wheels there were. */
    private static int extract(Path pack, Path wheels) {
        try (DataInputStream tar = new DataInputStream(new BufferedInputStream(Files.newInputStream(pack)))) {
            int count = 0;
            String longName = null;
            for (int member = 0; ; member++) {
                byte[] header = new byte[RECORD_BYTES];
                tar.readFully(header);
                long size = size(header);
                if (header[TYPE] == 'x') { // says the next one's name, when that is long
                    Matcher path = LONG_NAME.matcher(new String(content(tar, size), StandardCharsets.UTF_8));
                    longName = path.find() ? path.group(1) : null;
                    continue;
                }
                Matcher wheel = WHEEL.matcher(longName == null ? text(header, 0, NAME_BYTES) : longName);
                longName = null;
                if (wheel.matches()) {
                    try (OutputStream file = Files.newOutputStream(wheels.resolve(wheel.group(1)))) {
                        copy(tar, size, file);
                    }
                    count++;
                } else if (member > 0 || size == 0) {
                    return count;
                } else {
                    copy(tar, size, OutputStream.nullOutputStream()); // the manifest
                }
            }
        } catch (EOFException | NumberFormatException e) {
            return 0; // no pack; unpacking says so
        } catch (IOException e) {
            throw Toolbox.failure("permission", pack + " could not be unpacked: " + Folders.reason(e),
                    "make room where the data directory is, or get the file again", List.of());
        }
    }

    private static long size(byte[] header) throws EOFException {
        String digits = text(header, SIZE, SIZE_DIGITS).strip();
        if (!digits.matches("[0-7]+")) {
            throw new EOFException();
        }
        return Long.parseLong(digits, 8);
    }

    private static String text(byte[] header, int start, int length) {
        String text = new String(header, start, length, StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    private static byte[] content(DataInputStream tar, long size) throws IOException {
        if (size > MOST_HEADER_BYTES) {
            throw new EOFException();
        }
        byte[] content = new byte[(int) size];
        tar.readFully(content);
        tar.skipNBytes(padding(size));
        return content;
    }

    private static void copy(DataInputStream tar, long size, OutputStream target) throws IOException {
        byte[] piece = new byte[1 << 16];
        for (long left = size; left > 0; ) {
            int count = (int) Math.min(left, piece.length);
            tar.readFully(piece, 0, count);
            target.write(piece, 0, count);
            left -= count;
        }
        tar.skipNBytes(padding(size));
    }

    private static long padding(long size) {
        return (RECORD_BYTES - size % RECORD_BYTES) % RECORD_BYTES;
    }
}
