package org.alcove.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alcove.SharedArray;
import org.alcove.Table;
import org.alcove.files.JsonText;

/** Keys that change when what an item gives may have changed: a file stands for what it is, when, and how large. */
final class ItemKeys {
    /** Of a folder that is an image, as OME-Zarr is: its metadata lie no deeper. */
    private static final int DEPTH = 2;

    private ItemKeys() {}

    /**
     * @param batch stands for everything that holds for all items
     * @param outputs what the files of its outputs are called
     */
    static String key(String batch, String outputs, Map<String, Object> inputs) {
        return Digests.of(JsonText.of(List.of(batch, outputs, stamp(inputs))));
    }

    static Object stamp(Object value) {
        if (value instanceof Path path) {
            return file(path.toAbsolutePath().normalize());
        } else if (value instanceof Map<?, ?> members) {
            Map<Object, Object> stamps = new LinkedHashMap<>();
            members.forEach((name, member) -> stamps.put(name, stamp(member)));
            return stamps;
        } else if (value instanceof Iterable<?> items) {
            List<Object> stamps = new ArrayList<>();
            items.forEach(item -> stamps.add(stamp(item)));
            return stamps;
        } else if (value instanceof SharedArray array) {
            MessageDigest digest = Digests.start();
            array.forEachChunk(digest::update);
            return List.of(array.dtype().name(), HexFormat.of().formatHex(digest.digest()), String.valueOf(array.axes()));
        } else if (value instanceof Table table) {
            return table.names().stream().map(name -> List.of(name, stamp(table.column(name)))).toList();
        } else if (value instanceof byte[] bytes) {
            return HexFormat.of().formatHex(Digests.start().digest(bytes));
        }
        return value instanceof Number || value instanceof Boolean || value == null ? value : value.toString();
    }

    private static Object file(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return attributes.isDirectory()
                    ? List.of(path.toString(), folder(path))
                    : List.of(path.toString(), attributes.size(), attributes.lastModifiedTime().toMillis());
        } catch (IOException missing) {
            return path.toString();
        }
    }

    private static List<Object> folder(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path, DEPTH)) {
            List<Object> stamps = new ArrayList<>();
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.add(List.of(
                        path.relativize(file).toString(), attributes.size(), attributes.lastModifiedTime().toMillis()));
            }
            return stamps;
        }
    }
}
