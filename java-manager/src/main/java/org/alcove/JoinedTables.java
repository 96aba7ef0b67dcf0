package org.alcove;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Many tables made into one file by ops: one of the toolbox that joins them, one with pyarrow that makes Parquet of it. */
final class JoinedTables {
    private static final String PINS = "/toolbox/parquet.txt";

    private final Op join;
    private final Op convert;

    JoinedTables(Op join, Op convert) {
        this.join = join;
        this.convert = convert;
    }

    /** The environment that writes Parquet; the toolbox would be half as large again with it. */
    static EnvironmentSpec parquetEnvironment() {
        String pins = WorkerPackage.resource(PINS);
        String name = "alcove-parquet-" + EnvironmentFile.digest(pins.getBytes(StandardCharsets.UTF_8)).substring(0, 8);
        return new EnvironmentSpec(name, "auto", "requirements.txt", pins, 0, null, "auto");
    }

    void write(Iterable<Map.Entry<String, Path>> tables, Path output) {
        Path target = output.toAbsolutePath();
        // Always of this name: what a kill left is cleared by the next one.
        Path staging = target.resolveSibling(".staging-" + target.getFileName());
        try {
            Folders.delete(staging);
            Files.createDirectories(staging);
            try {
                join(tables, target, staging);
            } finally {
                Folders.delete(staging);
            }
        } catch (IOException e) {
            String reason = Folders.reason(e);
            throw new AlcoveException(
                    ErrorKind.OP_FAILED,
                    "the tables could not be joined into " + output + ": " + reason,
                    "make room there, or choose a folder that you can write to",
                    Map.of("details", Map.of("cause", Toolbox.isAboutRoom(reason) ? "disk_full" : "permission")));
        }
    }

    private void join(Iterable<Map.Entry<String, Path>> tables, Path target, Path staging) throws IOException {
        Path manifest = staging.resolve("manifest.jsonl");
        writeManifest(tables, manifest);
        boolean parquet = target.getFileName().toString().endsWith(".parquet");
        Path joined = parquet ? staging.resolve("table.csv") : target;
        join.call(Map.of("manifest", manifest, "output", joined)).close();
        if (parquet) {
            convert.call(Map.of("table", joined, "output", target)).close();
        }
    }

    private static void writeManifest(Iterable<Map.Entry<String, Path>> tables, Path manifest) throws IOException {
        try (OutputStream lines = new BufferedOutputStream(Files.newOutputStream(manifest))) {
            for (Map.Entry<String, Path> table : tables) {
                lines.write(Json.line(json -> {
                    json.writeStartArray();
                    json.writeString(table.getKey());
                    json.writeString(table.getValue().toAbsolutePath().toString());
                    json.writeEndArray();
                }));
            }
        }
    }
}
