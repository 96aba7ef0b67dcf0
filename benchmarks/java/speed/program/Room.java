package speed.program;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this machine has room for images; Linux only. */
public final class Room {
    private static final double MARGIN = 1.1;

    private Room() {}

    /**
     * Looks before anything is made, because a full {@code /dev/shm} ends processes.
     *
     * @param shared bytes of arrays in {@code /dev/shm}
     * @param heap bytes of Java's
     * @param others bytes of other processes, or outside of Java's heap
     * @throws SkippedException when there is less
     */
    public static void require(long shared, long heap, long others) throws SkippedException, IOException {
        Runtime java = Runtime.getRuntime();
        long inMemory = new File("/dev/shm").getUsableSpace();
        require(shared, inMemory, "in /dev/shm", "docker run --shm-size, or mount -o remount,size=");
        require(heap, java.maxMemory() - java.totalMemory() + java.freeMemory(), "in Java's heap", "java -Xmx");
        require(shared + heap + others, available(), "of memory", "a machine with more, or fewer programs on it");
    }

    private static void require(long wanted, long free, String where, String hint) throws SkippedException {
        if (wanted * MARGIN > free) {
            String needed = gigabytes((long) (wanted * MARGIN));
            throw new SkippedException(gigabytes(free) + " are free " + where + ", and " + needed + " are wanted", hint);
        }
    }

    private static String gigabytes(long bytes) {
        return Math.round(bytes / 1e8) / 10.0 + " GB";
    }

    private static long available() throws IOException {
        String facts = Files.readString(Path.of("/proc/meminfo"));
        return Long.parseLong(facts.replaceAll("(?s).*MemAvailable:\\s*(\\d+) kB.*", "$1")) << 10;
    }
}
