package speed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import speed.program.Case;
import speed.program.Room;
import speed.program.SkippedException;

/**
 * {@code image + 1} in a child, there and back as an uncompressed TIFF file in the folder for temporary files. Java writes
 * and reads no more of the format than this needs, the child does with tifffile.
 */
final class ImageFile implements AutoCloseable {
    private static final int WIDTH = 256;
    private static final int STRIP_OFFSETS = 273;
    /** The header, a directory of nine entries and its end, and then pixels. */
    private static final int FIRST_PIXEL = 8 + 2 + 9 * 12 + 4 + 6;

    private final ImageChild child;
    private final long bytes;
    private final Path folder;
    private final ByteBuffer source;
    private final ByteBuffer target;
    private short calls;

    private ImageFile(ImageChild child, long bytes) throws IOException {
        this.child = child;
        this.bytes = bytes;
        this.folder = Files.createTempDirectory("benchmark-of-alcove-");
        this.source = ImageChild.buffer(bytes);
        this.target = ImageChild.buffer(bytes);
    }

    static Case tiff(Places places, long bytes) throws Exception {
        Room.require(0, 0, 5 * bytes);
        long free = Path.of(System.getProperty("java.io.tmpdir")).toFile().getUsableSpace();
        if (free < 3 * bytes) {
            throw new SkippedException("the folder for temporary files has no room for two such images", "make room there");
        }
        ImageFile file = new ImageFile(new ImageChild(places, "tiff"), bytes);
        return Case.repeating(file::trip, ImageCases.WARM_UPS, ImageCases.WARM_UP_SECONDS, file);
    }

    private long trip() throws IOException {
        source.putShort(0, ++calls);
        Path there = folder.resolve("there.tif");
        long began = System.nanoTime();
        write(there);
        Path back = Path.of(child.ask(there.toString()));
        read(back);
        long took = System.nanoTime() - began;
        ImageCases.check(target.getShort(0), calls + 1);
        Files.delete(there);
        Files.delete(back);
        return took;
    }

    private void write(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(header());
            for (long written = 0; written < bytes; ) {
                source.clear().limit((int) Math.min(source.capacity(), bytes - written));
                while (source.hasRemaining()) {
                    written += file.write(source);
                }
            }
        }
    }

    private ByteBuffer header() {
        ByteBuffer header = ByteBuffer.allocate(FIRST_PIXEL).order(ByteOrder.nativeOrder());
        byte order = (byte) (header.order() == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M');
        header.put(order).put(order).putShort((short) 42).putInt(8).putShort((short) 9);
        int height = (int) (bytes / Short.BYTES / WIDTH);
        entry(header, 256, WIDTH);
        entry(header, 257, height);
        entry(header, 258, Short.SIZE); // bits of a sample
        entry(header, 259, 1); // not compressed
        entry(header, 262, 1); // 0 is black
        entry(header, STRIP_OFFSETS, FIRST_PIXEL);
        entry(header, 277, 1); // samples of a pixel
        entry(header, 278, height); // rows of the strip
        entry(header, 279, (int) bytes); // of the strip, read as unsigned
        return header.rewind();
    }

    /** One value, as an integer of four bytes, which every entry may have. */
    private static void entry(ByteBuffer header, int tag, int value) {
        header.putShort((short) tag).putShort((short) 4).putInt(1).putInt(value);
    }

    private void read(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path)) {
            file.position(firstPixel(file));
            for (long received = 0; received < bytes; ) {
                target.clear().limit((int) Math.min(target.capacity(), bytes - received));
                while (target.hasRemaining()) {
                    int count = file.read(target);
                    if (count < 0) {
                        throw new IOException(path + " is too short");
                    }
                    received += count;
                }
            }
        }
    }

    /** Where tifffile has written the pixels, all in one strip. */
    private static long firstPixel(FileChannel file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 12).order(ByteOrder.nativeOrder());
        file.read(bytes, 0);
        int directory = bytes.getInt(4);
        int count = bytes.getShort(directory);
        for (int entry = directory + 2; entry < directory + 2 + count * 12; entry += 12) {
            if (bytes.getShort(entry) == STRIP_OFFSETS && bytes.getInt(entry + 4) == 1) {
                return Integer.toUnsignedLong(bytes.getInt(entry + 8));
            }
        }
        throw new IOException("the TIFF file has no single strip");
    }

    @Override
    public void close() throws IOException {
        child.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
