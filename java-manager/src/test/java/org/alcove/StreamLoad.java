package org.alcove;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The Java half of {@code benchmarks/streams}: a random writer, readers that check every frame, and how fast frames go.
 * {@code stream_load.py} there does the same, frame by frame.
 *
 * <p>The word k of frame n is n * 2^32 + k, so that every word tells whose it is and where it belongs.
 */
public final class StreamLoad {
    private static final String NAME = "load";
    private static final int WORDS_ALL_CHECKED = 2048;
    private static final int PROBES = 200;
    private static final DType[] DTYPES = DType.values();

    private StreamLoad() {}

    /** What the first argument says, in the directory of the second; the result is one line of JSON. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        System.out.println(switch (arguments[0]) {
            case "write" -> write(directory, Integer.parseInt(arguments[2]), Long.parseLong(arguments[3]));
            case "copy" -> read(directory, false, Long.parseLong(arguments[3]));
            case "view" -> read(directory, true, Long.parseLong(arguments[3]));
            case "speed" -> speed(directory, Integer.parseInt(arguments[2]));
            case "watch" -> watch(directory);
            default -> throw new IllegalArgumentException(arguments[0]);
        });
    }

    private static String write(Path directory, int frames, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        long bytes = 0;
        long begin;
        try (ArrayStream.Writer writer = ArrayStream.writer(NAME, directory)) {
            System.out.println("ready");
            System.in.read();
            begin = System.nanoTime();
            long sequence = firstNumber(writer, directory);
            for (long last = sequence + frames; sequence < last; ) {
                DType dtype = DTYPES[random.nextInt(DTYPES.length)];
                long[] shape = shape(random, dtype);
                long number = sequence;
                boolean fails = random.nextInt(100) == 0;
                try {
                    writer.fill(dtype, shape, chunk -> fill(chunk, number, fails));
                    sequence++;
                    bytes += dtype.bytes() * Arrays.stream(shape).reduce(1, (a, b) -> a * b);
                } catch (IllegalStateException e) {
                    // As it was meant: half a frame that nobody may see.
                }
                if (random.nextInt(5000) == 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
                }
            }
            begin = System.nanoTime() - begin;
        }
        return String.format(
                Locale.ROOT, "{\"frames\": %d, \"bytes\": %d, \"seconds\": %.3f}", frames, bytes, begin / 1e9);
    }

    /** Nobody else writes, so this tells the numbers of all frames to come; a frame without elements is always whole. */
    private static long firstNumber(ArrayStream.Writer writer, Path directory) {
        writer.fill(DType.UINT8, new long[] {0}, chunk -> {});
        try (ArrayStream.Reader reader = ArrayStream.reader(NAME, directory);
                ArrayStream.Frame frame = reader.latest().orElseThrow()) {
            return frame.sequence() + 1;
        }
    }

    /** Most are small, some are large, and they come in any order. */
    private static long[] shape(SplittableRandom random, DType dtype) {
        int kind = random.nextInt(1000);
        long most = kind < 500 ? 100 : kind < 900 ? 30_000 : kind < 995 ? 500_000 : 6_000_000;
        long elements = random.nextLong(most) / dtype.bytes();
        return switch (random.nextInt(4)) {
            case 0 -> new long[] {elements};
            case 1 -> new long[] {elements / 16, 16};
            case 2 -> new long[] {2, elements / 16, 4};
            default -> elements == 0 ? new long[0] : new long[] {1, elements, 1, 1};
        };
    }

    private static void fill(ByteBuffer chunk, long sequence, boolean fails) {
        long word = sequence << 32;
        int words = chunk.limit() / 8;
        for (int k = 0; k < words; k++) {
            chunk.putLong(8 * k, word + k);
            if (fails && k == words / 2) {
                throw new IllegalStateException("as it was meant");
            }
        }
        for (int i = 8 * words; i < chunk.limit(); i++) {
            chunk.put(i, (byte) (word + words >> 8 * (i - 8 * words)));
        }
        if (fails) {
            throw new IllegalStateException("as it was meant");
        }
    }

    private static boolean isWhole(ByteBuffer chunk, long sequence, SplittableRandom random) {
        int words = chunk.limit() / 8;
        for (int i = 8 * words; i < chunk.limit(); i++) {
            if (chunk.get(i) != (byte) ((sequence << 32) + words >> 8 * (i - 8 * words))) {
                return false;
            }
        }
        if (words <= WORDS_ALL_CHECKED) {
            for (int k = 0; k < words; k++) {
                if (chunk.getLong(8 * k) != (sequence << 32) + k) {
                    return false;
                }
            }
            return true;
        }
        for (int probe = 0; probe < PROBES; probe++) {
            int k = probe < 2 ? probe * (words - 1) : random.nextInt(words);
            if (chunk.getLong(8 * k) != (sequence << 32) + k) {
                return false;
            }
        }
        return true;
    }

    private static String read(Path directory, boolean asView, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long read = 0;
        long torn = 0;
        long last = 0;
        try (ArrayStream.Reader reader = ArrayStream.reader(NAME, directory)) {
            System.out.println("ready");
            while (true) {
                try {
                    Optional<ArrayStream.Frame> frame = reader.read(Duration.ofSeconds(1));
                    if (frame.isPresent()) {
                        read++;
                        torn += isWhole(frame.get(), asView, random) && frame.get().sequence() > last ? 0 : 1;
                        last = frame.get().sequence();
                    }
                } catch (AlcoveException e) {
                    if (e.kind() != ErrorKind.STREAM_ENDED) {
                        throw e;
                    }
                    if (Files.exists(directory.resolve("done"))) {
                        return String.format(
                                Locale.ROOT, "{\"read\": %d, \"dropped\": %d, \"torn\": %d, \"last\": %d}",
                                read, reader.dropped(), torn, last);
                    }
                }
            }
        }
    }

    private static boolean isWhole(ArrayStream.Frame frame, boolean asView, SplittableRandom random) {
        boolean[] whole = {true};
        if (!asView) {
            ByteBuffer copy = ByteBuffer.allocate((int) frame.size() * frame.dtype().bytes());
            frame.forEachChunk(copy::put);
            frame.close();
            return isWhole(copy.order(ByteOrder.LITTLE_ENDIAN).flip(), frame.sequence(), random);
        }
        try (frame) {
            frame.forEachChunk(chunk -> whole[0] = isWhole(chunk, frame.sequence(), random));
            if (random.nextInt(20) == 0) { // and it stays so
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(5000)));
                frame.forEachChunk(chunk -> whole[0] &= isWhole(chunk, frame.sequence(), random));
            }
        }
        return whole[0];
    }

    /** Seconds for frames into a stream and for the same bytes into plain memory, in turn. */
    private static String speed(Path directory, int rounds) throws Exception {
        byte[] image = new byte[1080 * 1920 * 3];
        long[] shape = {1080, 1920, 3};
        ByteBuffer[] plain = new ByteBuffer[3]; // as many as a stream with one reader has slots
        Arrays.setAll(plain, i -> ByteBuffer.allocateDirect(image.length));
        double[] stream = new double[rounds];
        double[] copies = new double[rounds];
        int frames = 4; // few, so that both find the processor's caches alike
        try (ArrayStream.Writer writer = ArrayStream.writer(NAME, directory)) {
            System.out.println("ready");
            System.in.read();
            for (int round = -200; round < rounds; round++) { // the first ones warm up
                long begin = System.nanoTime();
                for (int frame = 0; frame < frames; frame++) {
                    writer.write(DType.UINT8, shape, image);
                }
                long middle = System.nanoTime();
                for (int frame = 0; frame < frames; frame++) {
                    plain[frame % plain.length].put(0, image);
                }
                if (round >= 0) {
                    stream[round] = (middle - begin) / 1e9 / frames;
                    copies[round] = (System.nanoTime() - middle) / 1e9 / frames;
                }
            }
        }
        return "{\"stream\": " + Arrays.toString(stream) + ", \"copy\": " + Arrays.toString(copies) + "}";
    }

    /** Looks at both ends of each frame where it lies. */
    private static String watch(Path directory) {
        long read = 0;
        long sum = 0;
        try (ArrayStream.Reader reader = ArrayStream.reader(NAME, directory)) {
            System.out.println("ready");
            while (true) {
                try (ArrayStream.Frame frame = reader.read(Duration.ofMinutes(1)).orElseThrow()) {
                    int[] ends = {0};
                    frame.forEachChunk(chunk -> ends[0] += chunk.get(0) + chunk.get(chunk.limit() - 1));
                    sum += ends[0];
                    read++;
                } catch (AlcoveException e) {
                    return "{\"read\": " + read + ", \"dropped\": " + reader.dropped() + ", \"sum\": " + sum + "}";
                }
            }
        }
    }
}
