package speed;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import speed.program.Program;

/** {@code HOME BUILD PYTHON}: Alcove's cases, and those floors and peers that are driven from Java. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Places places = new Places(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
        try (Library library = new Library(places)) {
            Program program = new Program();
            addCalls(program, places, new CallCases(library));
            addImages(program, places, new ImageCases(library));
            addStarts(program, places, new StartCases(places));
            program.add("workers", request -> WorkerCases.busy(places, (int) request.parameter("workers")));
            program.run(Map.of("java", System.getProperty("java.version"), "alcove", Alcove.version()));
        }
    }

    private static void addCalls(Program program, Places places, CallCases calls) {
        program.add("c_echo", request -> Echo.inC(places).trips())
                .add("py_echo", request -> Echo.inPython(places).trips())
                .add("call", request -> calls.call())
                .add("flight", request -> calls.flight((int) request.parameter("window")))
                .add("py_echo_flight", request -> Echo.inPython(places).flight((int) request.parameter("window")))
                .add("map_rows", request -> calls.rows((int) request.parameter("rows")))
                .add("map_arrays", request -> calls.arrays((int) request.parameter("rows")));
    }

    private static void addImages(Program program, Places places, ImageCases images) {
        program.add("image", request -> images.shared(request.parameter("bytes")))
                .add("image_copies", request -> images.copies(request.parameter("bytes")))
                .add("memcpy", request -> ImageCases.memcpy(request.parameter("bytes")))
                .add("image_pipe", request -> ImagePipe.raw(places, request.parameter("bytes")))
                .add("image_base64", request -> ImageText.base64(places, request.parameter("bytes")))
                .add("image_tiff", request -> ImageFile.tiff(places, request.parameter("bytes")));
    }

    private static void addStarts(Program program, Places places, StartCases starts) {
        Path launcher = places.home().resolve("alcove");
        program.add("python_bare", request -> starts.run(places.python(), "-I", "-S", "-c", "pass"))
                .add("python_modules", request -> starts.standardModules())
                .add("python_numpy", request -> starts.imports(List.of("numpy")))
                .add("worker", request -> starts.worker(Library.OPS, "add"))
                .add("worker_numpy", request -> starts.worker("speed_numpy_op.py", "add_with_numpy"))
                .add("open", request -> StartCases.open())
                .add("jvm", request -> starts.run(Places.java(), "-cp", places.build().resolve("java"), "speed.Nothing"))
                .add("version", request -> starts.run(launcher, "--version"))
                .add("help", request -> starts.run(launcher, "--help"));
    }
}
