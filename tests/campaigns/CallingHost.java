import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.DType;
import org.alcove.EnvironmentSpec;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.SharedArray;

/**
 * A host that calls an op on images of random sizes until it is killed, or until its standard input ends. When a
 * worker dies it goes on with the next. It says when the first call has succeeded, and, after each line that it is sent,
 * when another one has that began later.
 *
 * <p>Arguments: PYTHON OPFILE SEED
 */
public final class CallingHost {
    private static final AtomicInteger ASKED = new AtomicInteger(1);
    private static volatile boolean stopping;

    private CallingHost() {}

    public static void main(String[] arguments) {
        Thread watcher = new Thread(CallingHost::awaitEndOfInput);
        watcher.setDaemon(true);
        watcher.start();
        Random random = new Random(Long.parseLong(arguments[2]));
        try (Alcove alcove = Alcove.open()) {
            Op op = alcove.op(Path.of(arguments[1]), "work", EnvironmentSpec.existing(Path.of(arguments[0])));
            for (int told = 0; !stopping; ) {
                int asked = ASKED.get();
                if (callOnce(alcove, op, random) && asked > told) {
                    System.out.println("calling");
                    told = asked;
                }
            }
        }
    }

    /** Whether the worker lived to answer. */
    private static boolean callOnce(Alcove alcove, Op op, Random random) {
        int rows = 1 + random.nextInt(2000);
        try (SharedArray image = alcove.share(DType.UINT16, new short[rows * 512], "y x", rows, 512);
                Outputs outputs = op.call(Map.of("image", image, "way", random.nextInt(4)))) {
            outputs.array("image").toShorts();
            return true;
        } catch (AlcoveException failure) {
            if (failure.kind() == ErrorKind.WORKER_DIED || failure.kind() == ErrorKind.START_FAILED) {
                return false;
            }
            throw failure;
        }
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                ASKED.incrementAndGet();
            }
        } catch (IOException ended) {
            // As the end is.
        }
        stopping = true;
    }
}
