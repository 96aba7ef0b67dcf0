package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a call needs that runs no op. */
final class CallBench implements AutoCloseable {
    private final SharedMemory memory;
    private final Host host;

    CallBench(Path folder) throws IOException {
        memory = SharedMemory.open(new Places.Place(Files.createDirectories(folder.resolve("memory")), "test"));
        host = new Host(memory);
    }

    Host host() {
        return host;
    }

    @Override
    public void close() {
        host.close();
        memory.close();
    }
}
