package org.alcove;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What op files hold, remembered between programs: to learn it costs a process that runs the author's code.
 *
 * <p>A description counts while the Python package is the same and so are the contents of the op file and of all local
 * files that it imports. Several programs may use the folder at once. What cannot be read there is learnt anew, what
 * cannot be written is not remembered: neither is a failure.
 */
final class Descriptions {
    static final int MOST_FILES = 1000;
    private static final long FORMAT = 1;

    private final Path folder;
    private final String packageName;

    /**
     * A description.
     *
     * @param ops the descriptors
     * @param error why the file could not be loaded, as the protocol writes errors; empty when it could
     * @param sources the files that were read: the op file and what it imports from beside it
     */
    record Description(List<Object> ops, Map<String, Object> error, List<Path> sources) {
        Description(List<Object> ops, List<Path> sources) {
            this(ops, Map.of(), sources);
        }

        /** The answer of {@code describe}. */
        static Description of(Map<String, Object> answer) {
            return new Description(
                    Tree.list(answer.get("ops")),
                    Tree.object(answer.get("error")),
                    Tree.strings(answer.get("sources")).stream().map(Path::of).toList());
        }
    }

    /**
     * @param folder where they are kept; it is made when the first one is written
     * @param packageName changes with the Python package
     */
    Descriptions(Path folder, String packageName) {
        this.folder = folder;
        this.packageName = packageName;
    }

    /** Where they are kept in a data directory. */
    static Descriptions in(Path dataDirectory, String packageName) {
        return new Descriptions(dataDirectory.resolve("cache").resolve("descriptors"), packageName);
    }

    /**
     * The description of an op file: the remembered one where it still holds, else what {@code describe} says. One that
     * could not be loaded is described again: the reason may have been the machine.
     */
    Description of(Path file, Supplier<Description> describe) {
        return known(file).filter(known -> known.error().isEmpty()).orElseGet(() -> {
            Optional<FileTime> began = now();
            Description description = describe.get();
            began.ifPresent(time -> remember(entry(file), file, description, time));
            return description;
        });
    }

    /** The remembered description of an op file, where it still holds. */
    Optional<Description> known(Path file) {
        return read(entry(file), file);
    }

    private Path entry(Path file) {
        return folder.resolve(digest(file.toString().getBytes(StandardCharsets.UTF_8)) + ".json");
    }

    private Optional<Description> read(Path entry, Path file) {
        try {
            Map<String, Object> members = Tree.object(Json.parse(Files.readAllBytes(entry)));
            Map<String, Object> digests = Tree.object(members.get("sources"));
            Object ops = new ValueReader(null, Map.of()).read(members.get("ops"));
            Map<String, Object> error = Tree.object(members.get("error"));
            boolean holds = Tree.number(members.get("format"), 0) == FORMAT
                    && packageName.equals(members.get("package"))
                    && digests.containsKey(file.toString())
                    && isWellFormed(ops)
                    && Tree.list(ops).isEmpty() != error.isEmpty();
            for (Map.Entry<String, Object> source : digests.entrySet()) {
                holds = holds && digest(Path.of(source.getKey())).equals(source.getValue());
            }
            List<Path> sources = digests.keySet().stream().map(Path::of).toList();
            return holds ? Optional.of(new Description(Tree.list(ops), error, sources)) : Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // there is none, a file of it is gone, or somebody else wrote it
        }
    }

    private static boolean isWellFormed(Object ops) {
        return ops instanceof List<?> list
                && list.stream().map(Tree::object).allMatch(op -> op.get("name") instanceof String
                        && op.get("inputs") instanceof List<?>
                        && op.get("outputs") instanceof List<?>);
    }

    private void remember(Path entry, Path file, Description description, FileTime began) {
        if (description.sources().isEmpty()) {
            return; // whoever described it does not say what it read
        }
        Set<Path> sources = new LinkedHashSet<>(description.sources());
        sources.add(file); // which may be a link to the one that was read
        try {
            Map<String, String> digests = new LinkedHashMap<>();
            for (Path source : sources) {
                // One that was saved meanwhile may not be the one that was read.
                if (Files.getLastModifiedTime(source).compareTo(began) >= 0) {
                    return;
                }
                digests.put(source.toString(), digest(source));
            }
            write(entry, Json.line(json -> {
                json.writeStartObject();
                json.writeNumberField("format", FORMAT);
                json.writeStringField("package", packageName);
                json.writeFieldName("sources");
                Values.write(json, digests, "sources");
                json.writeFieldName("ops");
                Values.write(json, description.ops(), "ops");
                if (!description.error().isEmpty()) {
                    json.writeFieldName("error");
                    Values.write(json, description.error(), "error");
                }
                json.writeEndObject();
            }));
            dropOldest();
        } catch (IOException | RuntimeException e) {
            // The next program describes it again.
        }
    }

    /** The time as the file system counts it: that is what a file's own time can be compared with. */
    private Optional<FileTime> now() {
        try {
            Files.createDirectories(folder);
            Path probe = Files.createTempFile(folder, ".staging-", "");
            try {
                return Optional.of(Files.getLastModifiedTime(probe));
            } finally {
                Files.delete(probe);
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void write(Path entry, byte[] content) throws IOException {
        Path staging = Files.createTempFile(folder, ".staging-", "");
        try {
            Files.write(staging, content);
            Files.move(staging, entry, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(staging);
        }
    }

    private void dropOldest() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        if (files.size() > MOST_FILES) {
            List<Path> oldestFirst = files.stream()
                    .sorted(Comparator.comparingLong(file -> file.toFile().lastModified()))
                    .toList();
            for (Path file : oldestFirst.subList(0, files.size() - MOST_FILES)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static String digest(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream stream = new DigestInputStream(Files.newInputStream(file), digest)) {
            stream.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String digest(byte[] content) {
        return HexFormat.of().formatHex(sha256().digest(content));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
