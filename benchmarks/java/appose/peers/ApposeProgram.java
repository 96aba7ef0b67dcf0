package peers;

import java.util.Map;
import org.apposed.appose.Appose;
import speed.program.Program;

/** {@code HOME BUILD PYTHON}: the cases of Appose. The folder of {@code PYTHON} has to be the first on {@code PATH}. */
public final class ApposeProgram {
    private ApposeProgram() {}

    public static void main(String[] arguments) throws Exception {
        Program program = new Program()
                .add("call", request -> new Calls().trips())
                .add("flight", request -> new Flights((int) request.parameter("window"), null).flight())
                .add("flight_main_queue", request -> new Flights((int) request.parameter("window"), "main").flight())
                .add("image_fresh", request -> new Images(request.parameter("bytes")).fresh())
                .add("image_reused", request -> new Images(request.parameter("bytes")).reused())
                .add("image_exported", request -> new Images(request.parameter("bytes")).exported())
                .add("start", request -> Calls.starts(null, "1 + 1"))
                .add("start_numpy", request -> Calls.starts("import numpy", "int(numpy.int64(1) + 1)"));
        program.run(Map.of("java", System.getProperty("java.version"), "appose", version()));
        Runtime.getRuntime().halt(0); // a service's threads may wait for replies that never come
    }

    /** From the name of the jar; {@code Appose.version()} knows it only sometimes. */
    private static String version() {
        String jar = Appose.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        return jar.replaceAll(".*/appose-|\\.jar$", "");
    }
}
