package speed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A plain Python child that adds one to images: {@code peers/image_child.py}. Its caller has to read what it writes. */
final class ImageChild implements AutoCloseable {
    private static final int MOST_OF_A_BUFFER = 64 << 20;

    private final Process process;
    private BufferedReader lines;

    ImageChild(Places places, Object... arguments) throws IOException {
        Object[] all = new Object[arguments.length + 1];
        all[0] = places.home().resolve("benchmarks/peers/image_child.py");
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        process = places.start(places.python(), all);
    }

    OutputStream input() {
        return process.getOutputStream();
    }

    InputStream output() {
        return process.getInputStream();
    }

    /** Sends a line and waits for the one that answers. */
    String ask(String line) throws IOException {
        if (lines == null) {
            lines = new BufferedReader(new InputStreamReader(output(), StandardCharsets.UTF_8));
        }
        input().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        input().flush();
        String answer = lines.readLine();
        if (answer == null) {
            throw new IOException("image_child.py has ended");
        }
        return answer;
    }

    /** The child's standard input (0) or output (1), which takes bytes outside of Java's heap as they are. */
    FileChannel channel(int descriptor) throws IOException {
        Path pipe = Path.of("/proc", String.valueOf(process.pid()), "fd", String.valueOf(descriptor));
        return FileChannel.open(pipe, descriptor == 0 ? StandardOpenOption.WRITE : StandardOpenOption.READ);
    }

    /**
     * A buffer for an image of so many bytes, outside of Java's heap. A large image goes through a smaller buffer several
     * times: Java has none of 2 GB.
     */
    static ByteBuffer buffer(long bytes) {
        return ByteBuffer.allocateDirect((int) Math.min(bytes, MOST_OF_A_BUFFER)).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
