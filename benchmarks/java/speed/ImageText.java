package speed;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import speed.program.Case;
import speed.program.Room;
import speed.program.SkippedException;

/**
 * {@code image + 1} in a child, the bytes as base64 in a line of JSON. Java writes and reads the line by hand, which is
 * faster than any JSON library.
 */
final class ImageText {
    private static final byte[] HEAD = "{\"image\": \"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TAIL = "\"}\n".getBytes(StandardCharsets.US_ASCII);
    private static final long MOST_BYTES = 256 << 20;

    private final ImageChild child;
    private final byte[] source;
    private final byte[] reply;
    private short calls;

    private ImageText(ImageChild child, int bytes) {
        this.child = child;
        this.source = new byte[bytes];
        this.reply = new byte[HEAD.length + (bytes + 2) / 3 * 4 + TAIL.length];
    }

    static Case base64(Places places, long bytes) throws Exception {
        if (bytes > MOST_BYTES) {
            throw new SkippedException("base64 of more than 256 MB takes many seconds", "smaller images have it");
        }
        Room.require(0, 5 * bytes, 6 * bytes);
        ImageChild child = new ImageChild(places, "base64");
        ImageText text = new ImageText(child, (int) bytes);
        return Case.repeating(text::trip, ImageCases.WARM_UPS, ImageCases.WARM_UP_SECONDS, child);
    }

    private long trip() throws IOException {
        pixels(source).putShort(0, ++calls);
        long began = System.nanoTime();
        child.input().write(HEAD);
        child.input().write(Base64.getEncoder().encode(source));
        child.input().write(TAIL);
        child.input().flush();
        if (child.output().readNBytes(reply, 0, reply.length) != reply.length || reply[reply.length - 1] != '\n') {
            throw new EOFException("image_child.py has ended");
        }
        ByteBuffer text = ByteBuffer.wrap(reply, HEAD.length, reply.length - HEAD.length - TAIL.length);
        ByteBuffer result = Base64.getDecoder().decode(text);
        long took = System.nanoTime() - began;
        ImageCases.check(pixels(result.array()).getShort(0), calls + 1);
        return took;
    }

    private static ByteBuffer pixels(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
