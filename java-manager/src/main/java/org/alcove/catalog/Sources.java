package org.alcove.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What op files are made of: themselves and the local modules that they import, found by reading them. Python's {@code
 * alcove.sources} looks in the same places. Each file is read once; make a new one to see changes.
 */
final class Sources {
    private static final long LARGEST = 10L << 20;
    private static final List<String> COMPILED = List.of(".so", ".pyd", ".pyc");
    private static final Outline NOTHING = new Outline(List.of(), List.of(), false);

    private final Map<Path, Source> read = new HashMap<>();
    private final Map<Path, List<Path>> listed = new HashMap<>();

    /** One file: the digest of its content, and what its text says. */
    record Source(byte[] digest, Outline outline) {}

    /**
     * An op file with its modules.
     *
     * @param file its real path
     * @param modules the local files that it imports, and those that they import; last the file of its environment, where its
     *     header names one
     * @param digest stands for all of their contents and for where they lie beside the op file
     */
    record OpFile(Path file, Outline outline, List<Path> modules, String digest) {}

    /**
     * Looks at an op file.
     *
     * @throws IOException when it cannot be read, or is too large to be a Python file
     */
    OpFile opFile(Path path) throws IOException {
        Path file = path.toRealPath();
        if (Files.size(file) > LARGEST) {
            throw new IOException("it has more than " + (LARGEST >> 20) + " MiB");
        }
        Map<Path, Source> all = new LinkedHashMap<>();
        all.put(file, source(file));
        collect(file, file.getParent(), all);
        HeaderPackages.sharedFile(file).ifPresent(shared -> all.putIfAbsent(shared, sourceOrNothing(shared)));
        MessageDigest digest = sha256();
        Map<String, byte[]> named = new TreeMap<>();
        all.forEach((each, source) -> named.put(name(file.getParent(), each), source.digest()));
        named.forEach((name, content) -> {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(content);
        });
        List<Path> modules = all.keySet().stream().skip(1).toList();
        return new OpFile(file, all.get(file).outline(), modules, HexFormat.of().formatHex(digest.digest()));
    }

    /** Where it lies, seen from the op file's folder. */
    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    private void collect(Path first, Path folder, Map<Path, Source> all) {
        Deque<Path> waiting = new ArrayDeque<>(List.of(first));
        while (!waiting.isEmpty()) {
            Path file = waiting.remove();
            for (Outline.Import imported : all.get(file).outline().imports()) {
                Optional<Path> base = imported.level() == 0 ? Optional.of(folder) : above(file, imported.level());
                for (Path found : base.map(place -> filesOf(place, imported.name())).orElse(List.of())) {
                    if (!all.containsKey(found)) {
                        all.put(found, sourceOrNothing(found));
                        waiting.add(found);
                    }
                }
            }
        }
    }

    /** One dot is the file's own folder, each further one the folder above. */
    private static Optional<Path> above(Path file, int levels) {
        Path folder = file;
        for (int i = 0; i < levels && folder != null; i++) {
            folder = folder.getParent();
        }
        return Optional.ofNullable(folder);
    }

    /** The files that importing {@code a.b.c} runs, as far as they are below the folder. */
    private List<Path> filesOf(Path base, String name) {
        List<Path> files = new ArrayList<>();
        Path place = base;
        for (String part : name.split("\\.")) {
            for (Path each : children(place)) {
                String child = each.getFileName().toString();
                if (child.equals(part + ".py") || isCompiled(child, part)) {
                    files.add(each);
                }
            }
            place = place.resolve(part);
            children(place).stream().filter(Sources::isInitial).forEach(files::add);
        }
        return files;
    }

    private static boolean isInitial(Path file) {
        String name = file.getFileName().toString();
        return name.equals("__init__.py") || isCompiled(name, "__init__");
    }

    private static boolean isCompiled(String name, String module) {
        return name.startsWith(module + ".") && COMPILED.stream().anyMatch(name::endsWith);
    }

    private List<Path> children(Path folder) {
        return listed.computeIfAbsent(folder, place -> {
            try (Stream<Path> all = Files.list(place)) {
                return all.filter(Files::isRegularFile).sorted().toList();
            } catch (IOException | UncheckedIOException e) {
                return List.of();
            }
        });
    }

    /** What Python cannot read either, so nothing of it runs; that it is there counts. */
    private Source sourceOrNothing(Path file) {
        try {
            return source(file);
        } catch (IOException e) {
            return new Source(new byte[0], NOTHING);
        }
    }

    private Source source(Path file) throws IOException {
        Source known = read.get(file);
        if (known == null) {
            known = isPython(file) ? python(file) : new Source(digest(file), NOTHING);
            read.put(file, known);
        }
        return known;
    }

    private static boolean isPython(Path file) throws IOException {
        return file.toString().endsWith(".py") && Files.size(file) <= LARGEST;
    }

    private static Source python(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        String text = new String(content, StandardCharsets.UTF_8).replace("\r\n", "\n").replace('\r', '\n');
        return new Source(sha256().digest(content), Outline.of(text.startsWith("\uFEFF") ? text.substring(1) : text));
    }

    private static byte[] digest(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream stream = new DigestInputStream(Files.newInputStream(file), digest)) {
            stream.transferTo(OutputStream.nullOutputStream());
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
