package speed;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import speed.program.Case;
import speed.program.Room;

/** {@code image + 1} in a child, the bytes going through pipes: as fast as any protocol over pipes can be. */
final class ImagePipe {
    private final FileChannel there;
    private final FileChannel back;
    private final long bytes;
    private final ByteBuffer source;
    private final ByteBuffer target;
    private short calls;

    private ImagePipe(ImageChild child, long bytes) throws IOException {
        this.there = child.channel(0);
        this.back = child.channel(1);
        this.bytes = bytes;
        this.source = ImageChild.buffer(bytes);
        this.target = ImageChild.buffer(bytes);
    }

    static Case raw(Places places, long bytes) throws Exception {
        Room.require(0, 0, 2 * bytes);
        ImageChild child = new ImageChild(places, "pipe", bytes);
        ImagePipe pipe = new ImagePipe(child, bytes);
        return Case.repeating(pipe::trip, ImageCases.WARM_UPS, ImageCases.WARM_UP_SECONDS, child);
    }

    private long trip() throws IOException {
        source.putShort(0, ++calls);
        long began = System.nanoTime();
        for (long sent = 0; sent < bytes; ) {
            source.clear().limit((int) Math.min(source.capacity(), bytes - sent));
            while (source.hasRemaining()) {
                sent += there.write(source);
            }
        }
        for (long received = 0; received < bytes; ) {
            target.clear().limit((int) Math.min(target.capacity(), bytes - received));
            received += fill();
        }
        long took = System.nanoTime() - began;
        ImageCases.check(target.getShort(0), calls + 1);
        return took;
    }

    private int fill() throws IOException {
        while (target.hasRemaining()) {
            if (back.read(target) < 0) {
                throw new EOFException("image_child.py has ended");
            }
        }
        return target.limit();
    }
}
