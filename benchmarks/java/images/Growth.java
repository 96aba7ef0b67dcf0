package images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.alcove.Alcove;
import org.alcove.DType;
import org.alcove.Settings;

/** Looks at what both processes hold while one call follows the other: nothing may grow. Linux only. */
final class Growth {
    private static final Size SIZE = new Size(DType.UINT16, 1 << 20);
    static final int SAMPLES = 20;
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private Growth() {}

    static void main(Path python, Path folder, int calls, int samples) throws Exception {
        // A folder of its own, so that what lies there is of these two processes.
        Path memory = Files.createTempDirectory(SHARED_MEMORY, "benchmark-of-alcove-");
        try (Alcove alcove = Alcove.open(new Settings().memoryDirectory(memory))) {
            Case call = new AlcoveCases(alcove, folder.resolve("ops/image_ops.py"), python).callWithCopies("add_one", SIZE);
            call.run();
            long worker = alcove.workers().list().get(0).pid(); // the interpreter, not the guardian before it
            for (int done = 0; done <= calls; done++) {
                if (done % (calls / samples) == 0) {
                    print(done, memory, List.of(ProcessHandle.current().pid(), worker));
                }
                call.run();
            }
        }
        Files.delete(memory); // which fails if anything was left
    }

    private static void print(int calls, Path memory, List<Long> processes) throws IOException {
        StringBuilder line = new StringBuilder("{\"calls\":" + calls);
        for (int i = 0; i < processes.size(); i++) {
            Path process = Path.of("/proc", String.valueOf(processes.get(i)));
            String side = i == 0 ? "host" : "worker";
            line.append(",\"" + side + "_resident_bytes\":" + resident(process));
            line.append(",\"" + side + "_descriptors\":" + count(process.resolve("fd")));
            line.append(",\"" + side + "_mappings\":" + mappings(process, memory));
            line.append(",\"" + side + "_threads\":" + count(process.resolve("task")));
        }
        try (Stream<Path> files = Files.list(memory)) {
            List<Path> blocks = files.toList();
            line.append(",\"files\":" + blocks.size());
            line.append(",\"shared_bytes\":" + blocks.stream().mapToLong(Growth::size).sum());
        }
        System.out.println(line.append("}")); // to a pipe, too, it goes at once
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    /** Of blocks, deleted ones too: their memory is taken as long as somebody maps it. */
    private static long mappings(Path process, Path memory) throws IOException {
        try (Stream<String> lines = Files.lines(process.resolve("maps"))) {
            return lines.filter(line -> line.contains(memory.toString())).count();
        }
    }

    private static long resident(Path process) throws IOException {
        String status = Files.readString(process.resolve("status"));
        return Long.parseLong(status.replaceAll("(?s).*VmRSS:\\s*(\\d+) kB.*", "$1")) * 1024;
    }
}
