package org.alcove;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What a host's workers do, in a small file in the memory directory for {@code alcove workers}: {@code <prefix>-state}. Like
 * a block it is swept when the host has died. It is written when something has changed, once a second at most.
 */
final class HostFile {
    static final int FORMAT = 1;
    static final String END_OF_NAME = "-state";
    private static final long MILLISECONDS_BETWEEN_WRITES = 1000;
    private static final int LONGEST_LINE = 200;

    private final Host host;
    private final Supplier<Collection<WorkerInfo>> workers;
    private final Coalesced writing;
    private boolean closed; // guarded by this

    HostFile(Host host, Supplier<Collection<WorkerInfo>> workers) {
        this.host = host;
        this.workers = workers;
        this.writing = new Coalesced(host, MILLISECONDS_BETWEEN_WRITES, this::write);
    }

    /** Something has changed. */
    void changed() {
        writing.ask();
    }

    /** From now on nothing is written; the memory's end deletes the file. */
    synchronized void close() {
        closed = true;
    }

    private synchronized void write() {
        if (closed) {
            return;
        }
        Path folder = host.memory().directory();
        Path file = folder.resolve(host.memory().prefix() + END_OF_NAME);
        Path made = folder.resolve(file.getFileName() + "-new");
        try {
            Collection<WorkerInfo> all = workers.get();
            if (all.isEmpty()) {
                Files.deleteIfExists(file);
                return;
            }
            Files.deleteIfExists(made);
            try (SeekableByteChannel channel = Files.newByteChannel(
                    made, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OwnerOnly.attributes(folder))) {
                ByteBuffer bytes = ByteBuffer.wrap(Json.line(json -> write(json, all)));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Memory is full, say. It is there for those who look, and nobody else waits for it.
        }
    }

    private static void write(JsonGenerator json, Collection<WorkerInfo> all) throws IOException {
        json.writeStartObject();
        json.writeNumberField("format", FORMAT);
        json.writeNumberField("pid", ProcessHandle.current().pid());
        json.writeArrayFieldStart("workers");
        for (WorkerInfo each : all) {
            write(json, each);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, WorkerInfo worker) throws IOException {
        json.writeStartObject();
        json.writeNumberField("pid", worker.pid());
        json.writeStringField("environment", worker.environment());
        json.writeStringField("purpose", worker.purpose());
        json.writeStringField("state", worker.state().name().toLowerCase(Locale.ROOT));
        json.writeStringField("op", worker.op().orElse(null));
        json.writeNumberField("since", worker.since().toEpochMilli());
        json.writeNumberField("started", worker.started().toEpochMilli());
        json.writeNumberField("calls_done", worker.callsDone());
        json.writeNumberField("threads", worker.threads());
        json.writeStringField("gpu", worker.gpu().orElse(null));
        json.writeBooleanField("responsive", worker.isResponsive());
        json.writeArrayFieldStart("last_lines");
        for (String line : worker.lastLines()) {
            json.writeString(line.substring(0, Math.min(line.length(), LONGEST_LINE)));
        }
        json.writeEndArray();
        json.writeStringField("reason", worker.reason());
        json.writeEndObject();
    }
}
