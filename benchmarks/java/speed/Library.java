package speed;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.alcove.Alcove;
import org.alcove.EnvironmentSpec;
import org.alcove.Op;
import org.alcove.Settings;

/** Alcove, opened with default settings when a case first needs it. */
final class Library implements AutoCloseable {
    static final String OPS = "speed_ops.py";

    private final Places places;
    private final Settings settings;
    private final Map<String, Op> ops = new ConcurrentHashMap<>();
    private Alcove alcove;

    Library(Places places) {
        this(places, new Settings());
    }

    Library(Places places, Settings settings) {
        this.places = places;
        this.settings = settings;
    }

    synchronized Alcove alcove() {
        if (alcove == null) {
            alcove = Alcove.open(settings);
        }
        return alcove;
    }

    /** An op of {@code speed_ops.py}. */
    Op op(String name) {
        return op(OPS, name);
    }

    Op op(String file, String name) {
        return ops.computeIfAbsent(name, unknown -> {
            Path python = places.python();
            return alcove().op(places.ops(file), name, EnvironmentSpec.existing(python));
        });
    }

    @Override
    public synchronized void close() {
        if (alcove != null) {
            alcove.close();
        }
    }
}
