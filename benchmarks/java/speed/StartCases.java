package speed;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.WorkerInfo;
import speed.program.Case;

/** How long starts take: of interpreters, of workers, of JVMs. */
final class StartCases {
    private static final int WARM_UPS = 2;
    private static final double WARM_UP_SECONDS = 5;
    private static final long MILLISECONDS_TO_SETTLE = 20;
    /** As workers are started. */
    private static final List<String> AS_WORKERS = List.of("-X", "utf8");

    private final Places places;

    StartCases(Places places) {
        this.places = places;
    }

    /** Until the process has ended, whose output is read. */
    Case run(Path program, Object... arguments) throws Exception {
        return Case.repeating(() -> {
            long began = System.nanoTime();
            Process process = places.start(program, arguments);
            process.getInputStream().readAllBytes();
            int code = process.waitFor();
            long took = System.nanoTime() - began;
            if (code != 0) {
                throw new IllegalStateException(program + " ended with exit code " + code);
            }
            return took;
        }, WARM_UPS, WARM_UP_SECONDS);
    }

    /** Until the interpreter has imported these modules and says so, as a worker does with its first reply. */
    Case imports(List<String> modules) throws Exception {
        String script = "import " + String.join(", ", modules) + "\nimport os\nos.write(1, b'.')\n";
        Object[] arguments = {AS_WORKERS.get(0), AS_WORKERS.get(1), "-c", script};
        return Case.repeating(() -> {
            long began = System.nanoTime();
            Process process = places.start(places.python(), arguments);
            try (InputStream output = process.getInputStream()) {
                if (output.read() != '.') {
                    throw new IllegalStateException("the interpreter could not import");
                }
                long took = System.nanoTime() - began;
                process.waitFor();
                return took;
            }
        }, WARM_UPS, WARM_UP_SECONDS);
    }

    /** The modules of the standard library that a new worker has imported with its first reply. */
    Case standardModules() throws Exception {
        try (Library own = new Library(places)) {
            Op modules = own.op("standard_modules");
            endWorkers(own.alcove());
            try (Outputs outputs = modules.call(Map.of())) {
                return imports(((List<?>) outputs.get("result")).stream().map(String::valueOf).toList());
            }
        }
    }

    /** A new worker to its first reply; Alcove is open, and knows the op. */
    Case worker(String file, String op) throws Exception {
        Library own = new Library(places); // whose workers can be ended
        Op add = own.op(file, op);
        return Case.repeating(() -> {
            endWorkers(own.alcove());
            long began = System.nanoTime();
            try (Outputs outputs = add.call(Map.of("a", 1, "b", 2))) {
                if (outputs.integer("result") != 3) {
                    throw new IllegalStateException("1 + 2 is not " + outputs.get("result"));
                }
            }
            return System.nanoTime() - began;
        }, WARM_UPS, WARM_UP_SECONDS, own);
    }

    /** {@link Alcove#open()} alone. */
    static Case open() throws Exception {
        return Case.repeating(() -> {
            long began = System.nanoTime();
            Alcove alcove = Alcove.open();
            long took = System.nanoTime() - began;
            alcove.close();
            return took;
        }, WARM_UPS, WARM_UP_SECONDS);
    }

    private static void endWorkers(Alcove alcove) throws Exception {
        for (WorkerInfo worker : alcove.workers().list()) {
            alcove.workers().stop(worker.pid());
        }
        while (!alcove.workers().list().isEmpty()) {
            Thread.sleep(1);
        }
        Thread.sleep(MILLISECONDS_TO_SETTLE); // whatever else ends with a worker shall not be timed
    }
}
