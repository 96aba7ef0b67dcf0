package images;

import java.nio.file.Path;

/**
 * {@code speed PYTHON FOLDER FIFOS ROUNDS}, {@code sizes PYTHON FOLDER FIFOS ROUNDS LARGEST} or {@code growth PYTHON FOLDER
 * CALLS [SAMPLES]}; {@code benchmarks/images} starts it.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Path python = Path.of(arguments[1]);
        Path folder = Path.of(arguments[2]);
        if (arguments[0].equals("speed")) {
            Speed.main(python, folder, Path.of(arguments[3]), Integer.parseInt(arguments[4]));
        } else if (arguments[0].equals("sizes")) {
            Sizes.main(python, folder, Path.of(arguments[3]), Integer.parseInt(arguments[4]), Long.parseLong(arguments[5]));
        } else {
            int samples = arguments.length > 4 ? Integer.parseInt(arguments[4]) : Growth.SAMPLES;
            Growth.main(python, folder, Integer.parseInt(arguments[3]), samples);
        }
    }
}
