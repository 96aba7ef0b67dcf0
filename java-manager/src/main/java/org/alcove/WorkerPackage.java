package org.alcove;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The Python half, which travels inside the jar so that the two halves are always of one version. It is unpacked once
 * into a folder named after its content, and never changed there.
 */
final class WorkerPackage {
    private static final String FOLDER = "worker/";

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
            Map<String, byte[]> files = files(place());
            Path target = folders.resolve(name(sums(files)));
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

    /**
     * The name of its folder. A jar lists the size and the checksum of each file, and these tell one content from another:
     * to read the files themselves took longer than all else at a start.
     */
    static String name() {
        String known = knownName;
        if (known == null) {
            try {
                known = name(sums(place()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            knownName = known;
        }
        return known;
    }

    private static String name(Map<String, byte[]> sums) {
        return Alcove.version() + "-" + digest(sums);
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

    /** Of each file of a package what tells its content from another's. */
    static Map<String, byte[]> sums(Path place) throws IOException {
        if (Files.isDirectory(place)) {
            return sums(files(place));
        }
        return entries(place, (jar, entry) -> sum(entry.getSize(), entry.getCrc()));
    }

    private static Map<String, byte[]> sums(Map<String, byte[]> files) {
        Map<String, byte[]> sums = new TreeMap<>();
        files.forEach((name, content) -> {
            CRC32 checksum = new CRC32();
            checksum.update(content);
            sums.put(name, sum(content.length, checksum.getValue()));
        });
        return sums;
    }

    private static byte[] sum(long size, long checksum) {
        return (size + " " + checksum).getBytes(StandardCharsets.US_ASCII);
    }

    /** The files of a package, which lies in a folder or in a jar. */
    static Map<String, byte[]> files(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return entries(place, (jar, entry) -> {
                try (InputStream content = jar.getInputStream(entry)) {
                    return content.readAllBytes();
                }
            });
        }
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(place)) {
            for (Path path : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
                files.put(place.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
            }
        }
        return files;
    }

    /** The folder with the package, or the jar that it is in. */
    private static Path place() throws IOException {
        URL marker = WorkerPackage.class.getResource("/" + FOLDER + "alcove/__init__.py");
        if (marker == null) {
            throw new IllegalStateException("the jar lacks the Python package; it was not built by the project's build");
        }
        try {
            URI uri = marker.toURI();
            if (!uri.getScheme().equals("jar")) {
                return Path.of(uri).getParent().getParent();
            }
            String specific = uri.getRawSchemeSpecificPart();
            return Path.of(new URI(specific.substring(0, specific.indexOf("!/"))));
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private interface Reading {
        byte[] of(ZipFile jar, ZipEntry entry) throws IOException;
    }

    private static Map<String, byte[]> entries(Path file, Reading reading) throws IOException {
        Map<String, byte[]> found = new TreeMap<>();
        try (ZipFile jar = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(jar.entries())) {
                if (entry.getName().startsWith(FOLDER) && !entry.isDirectory()) {
                    found.put(entry.getName().substring(FOLDER.length()), reading.of(jar, entry));
                }
            }
        }
        return found;
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
