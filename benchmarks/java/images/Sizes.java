package images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.DType;
import org.alcove.SharedArray;

/**
 * The same op for images of all sizes, from a kilobyte on: each size by itself, its cases side by side. Prints a JSON
 * object for each case and size, as {@link Speed}; a size that finds no room gets one that says so.
 */
final class Sizes {
    private static final long SMALLEST = 1 << 10;
    private static final int STEP = 4;
    private static final int MOST_REPEATS = 200;
    private static final double MILLISECONDS_OF_A_CASE = 20; // in a round
    private static final int WARM_UPS = 300;
    private static final double WARM_UP_MILLISECONDS = 300;
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    /** What is there at once: image, result and its copy on one side, image and two results on the other. */
    private static final int IMAGES_AT_ONCE = 6;

    private Sizes() {}

    static void main(Path python, Path folder, Path fifos, int rounds, long largest) throws Exception {
        try (PlainPython plain = new PlainPython(
                python, folder.resolve("plain_python.py"), fifos.resolve("in"), fifos.resolve("out"))) {
            for (long bytes = SMALLEST; bytes <= largest; bytes = next(bytes)) {
                Size size = new Size(DType.UINT16, bytes);
                String reason = whyNot(bytes);
                if (reason == null) {
                    measure(size, python, folder, plain, rounds);
                } else {
                    System.out.printf("{\"bytes\":%d,\"skipped\":\"%s\"}%n", bytes, reason);
                }
            }
        }
    }

    /** Each four times the one before, and 2 GB at the end: there a Java buffer ends. */
    private static long next(long bytes) {
        return bytes == 1L << 30 ? 1L << 31 : bytes * STEP;
    }

    /** Null when there is room. A host and each of its workers may hold half of what is free in shared memory. */
    private static String whyNot(long bytes) throws IOException {
        long shared = Files.getFileStore(SHARED_MEMORY).getUsableSpace() / 2;
        if (shared < bytes) {
            return "half of what is free in " + SHARED_MEMORY + " is " + megabytes(shared) + ", and " + megabytes(bytes)
                    + " are wanted; in Docker start the container with a larger --shm-size";
        }
        long free = available();
        long wanted = bytes * IMAGES_AT_ONCE;
        return free < wanted ? megabytes(free) + " of memory are free, and " + megabytes(wanted) + " are wanted" : null;
    }

    private static String megabytes(long bytes) {
        return (bytes >> 20) + " MB";
    }

    private static long available() throws IOException {
        String text = Files.readString(Path.of("/proc/meminfo"));
        return Long.parseLong(text.replaceAll("(?s).*MemAvailable:\\s*(\\d+) kB.*", "$1")) << 10;
    }

    private static void measure(Size size, Path python, Path folder, PlainPython plain, int rounds) throws Exception {
        // A manager for each size: what the one before holds in its pool would be in the way of large ones.
        try (Alcove alcove = Alcove.open()) {
            AlcoveCases calls = new AlcoveCases(alcove, folder.resolve("ops/image_ops.py"), python);
            SharedArray image = calls.anyImage(size);
            Map<String, Case> cases = new LinkedHashMap<>();
            cases.put("numpy_fresh", plain.add(size, "fresh"));
            cases.put("numpy_out", plain.add(size, "out"));
            cases.put("call_fresh", calls.call("add_one", image));
            cases.put("call_out", calls.call("add_one_into", image));
            cases.put("call_in_place", calls.call("add_one_in_place", image));
            measure(size, cases, rounds);
        } finally {
            plain.forget(size);
        }
    }

    private static void measure(Size size, Map<String, Case> cases, int rounds) throws Exception {
        Map<String, Integer> repeats = new LinkedHashMap<>();
        for (Map.Entry<String, Case> each : cases.entrySet()) {
            double spent = 0;
            int done = 0;
            while (done < 2 || done < WARM_UPS && spent < WARM_UP_MILLISECONDS) {
                spent += each.getValue().run();
                done++;
            }
            repeats.put(each.getKey(), (int) Math.max(1, Math.min(MOST_REPEATS, MILLISECONDS_OF_A_CASE * done / spent)));
        }
        Map<String, List<double[]>> times = new LinkedHashMap<>();
        List<String> order = new ArrayList<>(cases.keySet());
        for (int round = 0; round < rounds; round++) {
            for (String name : order) {
                double[] milliseconds = new double[repeats.get(name)];
                for (int i = 0; i < milliseconds.length; i++) {
                    milliseconds[i] = cases.get(name).run();
                }
                times.computeIfAbsent(name, unknown -> new ArrayList<>()).add(milliseconds);
            }
            java.util.Collections.rotate(order, 1);
        }
        for (String name : cases.keySet()) {
            String values = String.join(",", times.get(name).stream().map(Arrays::toString).toList());
            System.out.printf("{\"case\":\"%s\",\"dtype\":\"%s\",\"bytes\":%d,\"rounds\":[%s]}%n",
                    name, size.dtype().word(), size.bytes(), values);
        }
    }
}
