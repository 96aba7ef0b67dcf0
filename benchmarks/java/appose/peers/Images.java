package peers;

import com.sun.jna.Function;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apposed.appose.NDArray;
import speed.program.Case;
import speed.program.Room;
import speed.program.Samples;
import speed.program.SkippedException;

/** {@code image + 1}, the image of uint16, from one Java array to another. */
final class Images {
    private static final String INTO_NEW = """
            y = appose.NDArray('uint16', x.shape)
            numpy.add(x.ndarray(), 1, out=y.ndarray())
            y""";
    private static final String INTO_GIVEN = """
            numpy.add(x.ndarray(), 1, out=y.ndarray())
            True""";
    private static final String EXPORT = "task.export(given_x=x, given_y=y)\nTrue";
    private static final String INTO_EXPORTED = """
            numpy.add(given_x.ndarray(), 1, out=given_y.ndarray())
            True""";
    private static final int WARM_UPS = 200;
    private static final double WARM_UP_SECONDS = 1;
    private static final double SECONDS_FOR_A_TASK = 60;

    private final Worker worker;
    private final short[] source;
    private final short[] target;
    private final NDArray.Shape shape;
    private long leaks;

    Images(long bytes) throws Exception {
        if (bytes > Integer.MAX_VALUE) {
            throw new SkippedException("the host sees at most 2147483647 bytes of an array", "there is no way");
        }
        Room.require(2 * bytes, 2 * bytes, 0);
        worker = Worker.warm();
        int elements = (int) (bytes / Short.BYTES);
        int width = Math.min(1024, elements / 16);
        source = new short[elements];
        target = new short[elements];
        for (int i = 0; i < elements; i++) {
            source[i] = (short) (i * 31);
        }
        shape = new NDArray.Shape(NDArray.Shape.Order.C_ORDER, elements / width, width);
    }

    /** Both arrays are made for each task, as in its documentation. */
    Case fresh() throws Exception {
        return ending(Case.repeating(this::freshTrip, WARM_UPS, WARM_UP_SECONDS));
    }

    private long freshTrip() throws Exception {
        source[0]++;
        long began = System.nanoTime();
        NDArray x = array();
        x.buffer().asShortBuffer().put(source);
        NDArray y = (NDArray) worker.result(worker.service.task(INTO_NEW, Map.of("x", x)), SECONDS_FOR_A_TASK);
        y.buffer().asShortBuffer().get(target);
        y.shm().unlinkOnClose(true); // the worker has made it, and leaves its end to the host
        y.close();
        x.close();
        long took = System.nanoTime() - began;
        check();
        closeLeaks();
        return took;
    }

    /** Both arrays are the host's, made once. */
    Case reused() throws Exception {
        NDArray x = array();
        NDArray y = array();
        return reused(x, y, INTO_GIVEN, Map.of("x", x, "y", y));
    }

    /** The same, and the worker keeps them under names, so that it need not attach to them each time. */
    Case exported() throws Exception {
        NDArray x = array();
        NDArray y = array();
        worker.result(worker.service.task(EXPORT, Map.of("x", x, "y", y)), SECONDS_FOR_A_TASK);
        return reused(x, y, INTO_EXPORTED, Map.of());
    }

    private Case reused(NDArray x, NDArray y, String script, Map<String, Object> inputs) throws Exception {
        Case trips = Case.repeating(() -> {
            source[0]++;
            long began = System.nanoTime();
            x.buffer().asShortBuffer().put(source);
            worker.result(worker.service.task(script, inputs), SECONDS_FOR_A_TASK);
            y.buffer().asShortBuffer().get(target);
            long took = System.nanoTime() - began;
            check();
            return took;
        }, WARM_UPS, WARM_UP_SECONDS);
        return ending(trips).closing(x::close).closing(y::close);
    }

    private NDArray array() {
        return new NDArray(NDArray.DType.UINT16, shape);
    }

    private Case ending(Case trips) {
        Case counting = new Case() {
            @Override
            public Samples measure(int count) throws Exception {
                leaks = 0;
                Samples samples = trips.measure(count);
                return samples.with("leaked_descriptors", leaks);
            }
        };
        return counting.closing(worker::close);
    }

    private void check() {
        for (int i : new int[] {0, target.length / 2, target.length - 1}) {
            if (target[i] != (short) (source[i] + 1)) {
                throw new IllegalStateException("a pixel is wrong");
            }
        }
    }

    /**
     * Attaching to a worker's array leaves a file descriptor open for ever, which keeps the memory of the deleted array.
     * Closed here, outside of the times, so that large images can be measured at all; which spares Appose the time for
     * freeing them.
     */
    private void closeLeaks() throws IOException {
        for (String descriptor : new File("/proc/self/fd").list()) {
            Path link = Path.of("/proc/self/fd", descriptor);
            if (Files.isSymbolicLink(link) && isLeak(link)) {
                Function.getFunction("c", "close").invokeInt(new Object[] {Integer.valueOf(descriptor)});
                leaks++;
            }
        }
    }

    private static boolean isLeak(Path link) {
        try {
            String file = Files.readSymbolicLink(link).toString();
            return file.startsWith("/dev/shm/psm_") && file.endsWith("(deleted)");
        } catch (IOException gone) {
            return false; // the descriptor of the listing itself
        }
    }
}
