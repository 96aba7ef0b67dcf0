package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What ops download by themselves goes by what the manager was told. */
class OpDownloadsTest {
    private static final String FETCH = """
            from pathlib import Path
            from alcove import download, op

            @op
            def fetch(url: str, sha256: str) -> Path:
                return download(url, sha256, "weights.bin")
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @Test
    void weightsAreKeptInTheManagersDataDirectory() throws IOException, NoSuchAlgorithmException {
        Path weights = bench.file("weights.bin", UUID.randomUUID().toString());
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(weights));
        Path data = Files.createDirectory(bench.folder().resolve("data of its own"));

        Op fetch = bench.op(bench.open(bench.settings().dataDirectory(data)), "fetch", FETCH);
        Object file = fetch.call(Map.of(
                        "url", weights.toUri().toString(), "sha256", HexFormat.of().formatHex(digest)))
                .get("result");

        assertEquals(Files.readString(weights), Files.readString(Path.of(file.toString())));
        assertTrue(Path.of(file.toString()).startsWith(data.resolve("cache/downloads")), file.toString());
    }

    @Test
    void offlineMeansOpsToo() {
        Op fetch = bench.op(bench.open(bench.settings().offline(true)), "fetch", FETCH);
        Map<String, Object> inputs = Map.of("url", "http://127.0.0.1:9/weights.bin", "sha256", "0".repeat(64));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> fetch.call(inputs));
        assertTrue(failure.getMessage().contains("offline is set"), failure.getMessage());
    }
}
