package images;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/** The process of {@code plain_python.py}: numpy's own times, and a pipe both ways. */
final class PlainPython implements AutoCloseable {
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;
    private final FileChannel there;
    private final FileChannel back;
    private final Map<Long, ByteBuffer> buffers = new HashMap<>();

    PlainPython(Path python, Path script, Path fifoIn, Path fifoOut) throws IOException {
        process = new ProcessBuilder(python.toString(), script.toString(), fifoIn.toString(), fifoOut.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        there = FileChannel.open(fifoIn, StandardOpenOption.WRITE);
        back = FileChannel.open(fifoOut, StandardOpenOption.READ);
    }

    /** numpy's time for the addition, measured by that process itself. */
    Case add(Size size, String how) {
        return () -> {
            command("add " + size.dtype().word() + " " + size.bytes() + " " + how);
            return Double.parseDouble(answers.readLine());
        };
    }

    /**
     * Sends the bytes and takes them back. From and to memory outside of Java's heap, and through FIFOs, so that Java adds
     * no copy of its own: the fastest that a pipe can be.
     */
    Case echo(Size size) {
        return () -> {
            ByteBuffer buffer = buffers.computeIfAbsent(size.bytes(), bytes -> ByteBuffer.allocateDirect(bytes.intValue()));
            command("echo " + size.bytes());
            long began = System.nanoTime();
            for (buffer.clear(); buffer.hasRemaining(); ) {
                there.write(buffer);
            }
            for (buffer.clear(); buffer.hasRemaining(); ) {
                if (back.read(buffer) < 0) {
                    throw new IOException("plain_python.py has ended");
                }
            }
            double milliseconds = Case.millisecondsSince(began);
            answers.readLine();
            return milliseconds;
        };
    }

    /** Lets go of the arrays of this size. */
    void forget(Size size) throws IOException {
        command("forget " + size.dtype().word() + " " + size.bytes());
        answers.readLine();
    }

    private void command(String line) throws IOException {
        commands.write(line + "\n");
        commands.flush();
    }

    @Override
    public void close() throws IOException {
        commands.close();
        there.close();
        back.close();
        process.destroy();
    }
}
