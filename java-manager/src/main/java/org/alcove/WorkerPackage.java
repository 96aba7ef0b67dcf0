package org.alcove;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The Python half, which travels inside the jar so that the two halves are always of one version. It is unpacked once
 * into a folder named after its content, and never changed there.
 */
final class WorkerPackage {
    private static final String FOLDER = "worker";

    private static volatile String knownName;

    private WorkerPackage() {}

    /** The folder to put on a worker's {@code sys.path}: it holds the package {@code alcove}. */
    static Path unpack(Path dataDirectory) {
        try {
            Path folders = dataDirectory.resolve("worker");
            Path usual = folders.resolve(name());
            if (Files.isDirectory(usual)) {
                return usual;
            }
            Map<String, byte[]> files = files();
            Path target = folders.resolve(name(files));
            if (!Files.isDirectory(target)) {
                write(files, target);
            }
            return target;
        } catch (IOException e) {
            throw new AlcoveException(
                    ErrorKind.ENVIRONMENT_FAILED,
                    "the worker's Python files could not be written to " + dataDirectory + ": " + Folders.reason(e),
                    "make room there, or set ALCOVE_DATA_DIR to a folder that you can write to",
                    Map.of("cause", "permission"));
        }
    }

    /** The name of its folder. The package is read for it once: that takes longer than all else at a start. */
    static String name() {
        String known = knownName;
        if (known == null) {
            try {
                known = name(files());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            knownName = known;
        }
        return known;
    }

    private static String name(Map<String, byte[]> files) {
        return Alcove.version() + "-" + digest(files);
    }

    /** A text file of the jar. */
    static String resource(String path) {
        try (InputStream stream = WorkerPackage.class.getResourceAsStream(path)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks " + path + "; it was not built by the project's build");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, byte[]> files() throws IOException {
        URL marker = WorkerPackage.class.getResource("/" + FOLDER + "/alcove/__init__.py");
        if (marker == null) {
            throw new IllegalStateException("the jar lacks the Python package; it was not built by the project's build");
        }
        try {
            URI uri = marker.toURI();
            if (!uri.getScheme().equals("jar")) {
                return read(Path.of(uri).getParent().getParent());
            }
            try (FileSystem jar = FileSystems.newFileSystem(jarOf(uri))) {
                return read(jar.getPath("/" + FOLDER));
            }
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static Path jarOf(URI entry) throws URISyntaxException {
        String specific = entry.getRawSchemeSpecificPart();
        return Path.of(new URI(specific.substring(0, specific.indexOf("!/"))));
    }

    private static Map<String, byte[]> read(Path root) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
                files.put(root.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
            }
        }
        return files;
    }

    static String digest(Map<String, byte[]> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.forEach((name, content) -> {
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                digest.update(content);
                digest.update((byte) 0);
            });
            return HexFormat.of().formatHex(digest.digest()).substring(0, 12);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void write(Map<String, byte[]> files, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        Path staging = Files.createTempDirectory(target.getParent(), ".staging-");
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Path path = staging.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
            }
            Folders.moveInto(staging, target);
        } finally {
            Folders.delete(staging);
        }
    }
}
