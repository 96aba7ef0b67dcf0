package org.alcove;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * A writer or reader of a stream that does what it is told, line by line, and answers each with a line; {@code
 * tests/stream_program.py} understands the same. A function of texts, so that other class loaders can have one, too.
 */
public final class StreamProgram implements Function<String, String> {
    private ArrayStream.Writer writer;
    private ArrayStream.Reader reader;
    private final List<ArrayStream.Frame> held = new ArrayList<>();

    /** Answers the lines on standard input until it ends. */
    public static void main(String[] arguments) throws IOException {
        StreamProgram program = new StreamProgram();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(program.apply(line));
        }
    }

    @Override
    public String apply(String line) {
        String[] words = line.split(" ");
        try {
            return switch (words[0]) {
                case "writer" -> {
                    writer = ArrayStream.writer(words[2], Path.of(words[1]));
                    yield "ok";
                }
                case "reader" -> {
                    reader = ArrayStream.reader(words[2], Path.of(words[1]));
                    yield "ok";
                }
                case "write" -> write(DType.ofWord(words[1]), words[2], Long.parseLong(words[3]));
                case "half" -> writeHalf(DType.ofWord(words[1]), words[2]);
                case "read" -> describe(reader.read(Duration.ofMillis((long) (1000 * Double.parseDouble(words[1])))), false);
                case "hold" -> describe(reader.read(Duration.ofMillis((long) (1000 * Double.parseDouble(words[1])))), true);
                case "latest" -> describe(reader.latest(), false);
                case "check" -> held.stream().map(StreamProgram::describe).collect(Collectors.joining(", "));
                case "free" -> {
                    held.forEach(ArrayStream.Frame::close);
                    held.clear();
                    yield "ok";
                }
                case "alive" -> String.valueOf(reader.isWriterAlive());
                case "dropped" -> String.valueOf(reader.dropped());
                case "close" -> close();
                default -> "no command " + words[0];
            };
        } catch (AlcoveException e) {
            return "error " + e.kind().word() + " " + e.getMessage();
        }
    }

    private String close() {
        if (writer != null) {
            writer.close();
            writer = null;
        }
        if (reader != null) {
            reader.close();
            reader = null;
        }
        return "ok";
    }

    private String write(DType dtype, String shape, long seed) {
        CRC32 sum = new CRC32();
        long[] position = {0};
        writer.fill(dtype, sizes(shape), chunk -> {
            fill(chunk, dtype, seed, position[0]);
            position[0] += chunk.limit();
            sum.update(chunk.flip());
        });
        return String.format(Locale.ROOT, "wrote %08x", sum.getValue());
    }

    /** Begins a frame and never ends it. */
    private String writeHalf(DType dtype, String shape) {
        writer.fill(dtype, sizes(shape), chunk -> {
            fill(chunk.slice(0, chunk.limit() / 2), dtype, 0, 0);
            System.out.println("half");
            while (true) {
                pause();
            }
        });
        return "never";
    }

    private static void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void fill(ByteBuffer chunk, DType dtype, long seed, long position) {
        for (long k = position; chunk.hasRemaining(); k++) {
            chunk.put((byte) (31 * seed + 7 * k + (k >> 8) & (dtype == DType.BOOL ? 1 : 255)));
        }
    }

    private String describe(Optional<ArrayStream.Frame> frame, boolean keep) {
        if (frame.isEmpty()) {
            return "none";
        }
        String description = describe(frame.get());
        if (keep) {
            held.add(frame.get());
        } else {
            frame.get().close();
        }
        return description;
    }

    private static String describe(ArrayStream.Frame frame) {
        CRC32 sum = new CRC32();
        frame.forEachChunk(sum::update);
        String shape = frame.shape().length == 0
                ? "-"
                : Arrays.stream(frame.shape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
        return String.format(
                Locale.ROOT, "frame %d %s %s %08x", frame.sequence(), frame.dtype().word(), shape, sum.getValue());
    }

    private static long[] sizes(String shape) {
        return shape.equals("-") ? new long[0] : Arrays.stream(shape.split("x")).mapToLong(Long::parseLong).toArray();
    }
}
