import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Environment;
import org.alcove.EnvironmentSpec;

/**
 * Creates environments of one name from several op files, in several threads at once: {@code CreatingHost NAME FILE...
 * THREADS}. Each thread begins at another file. For each environment it prints a line of JSON as environment_op.py does.
 */
public class CreatingHost {
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[arguments.length - 1]);
        List<String> files = List.of(arguments).subList(1, arguments.length - 1);
        List<Thread> threads = new ArrayList<>();
        try (Alcove alcove = Alcove.open()) {
            for (int first = 0; first < count; first++) {
                int begin = first;
                threads.add(new Thread(() -> {
                    for (int next = 0; next < files.size(); next++) {
                        create(alcove, arguments[0], Path.of(files.get((begin + next) % files.size())));
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    private static void create(Alcove alcove, String name, Path file) {
        try {
            EnvironmentSpec spec = EnvironmentSpec.fromOpFile(file).withName(name).withEngine("rattler");
            Environment made = alcove.environments().create(spec, progress -> {});
            say("result", made.directory().getFileName().toString());
        } catch (AlcoveException failure) {
            System.err.println(failure.getMessage());
            say("failed", String.valueOf(failure.data().get("cause")));
        }
    }

    private static synchronized void say(String kind, String value) {
        System.out.println(kind.equals("failed")
                ? "[\"failed\", {\"cause\": \"" + value + "\"}]"
                : "[\"" + kind + "\", \"" + value + "\"]");
    }
}
