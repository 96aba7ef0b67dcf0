import java.nio.file.Path;
import java.util.Optional;
import org.alcove.Alcove;
import org.alcove.Environment;
import org.alcove.EnvironmentSpec;

/** {@code Ready OPFILE NAME TIMES}: asks whether the environment is ready, and prints the nanoseconds of each time. */
public final class Ready {
    private Ready() {}

    public static void main(String[] arguments) {
        Path file = Path.of(arguments[0]);
        try (Alcove alcove = Alcove.open()) {
            for (int time = 0; time < Integer.parseInt(arguments[2]); time++) {
                long begin = System.nanoTime();
                EnvironmentSpec spec = EnvironmentSpec.fromOpFile(file).withName(arguments[1]);
                Optional<Environment> found = alcove.environments().find(spec);
                long nanoseconds = System.nanoTime() - begin;
                if (found.isEmpty()) {
                    throw new IllegalStateException("it is not ready");
                }
                System.out.println(nanoseconds);
            }
        }
    }
}
