package org.alcove;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The outputs of simple mode, whose arrays are files: each becomes the Path of its file. Only the columns of tables are
 * taken out of their files, because a table is one thing.
 */
final class FileOutputs {
    private static final Pattern NPY_HEADER =
            Pattern.compile("'descr': '[<|]([biufc])(\\d+)', 'fortran_order': \\w+, 'shape': \\((\\d+),\\)");
    private static final int NPY_PREFIX = 10;

    private final SharedMemory memory;

    FileOutputs(SharedMemory memory) {
        this.memory = memory;
    }

    /** The outputs as Java values; {@code parsed} is the object that stood on standard output. */
    Outputs read(Map<String, Object> parsed) {
        return new Outputs(Tree.object(new ValueReader(memory, Map.of()).read(members(parsed))));
    }

    private Map<String, Object> members(Object object) {
        Map<String, Object> all = new LinkedHashMap<>();
        Tree.object(object).forEach((name, item) -> all.put(name, value(item)));
        return all;
    }

    private Object value(Object value) {
        if (value instanceof List<?> items) {
            List<Object> all = new ArrayList<>();
            items.forEach(item -> all.add(value(item)));
            return all;
        } else if (!(value instanceof Map<?, ?>)) {
            return value;
        }
        Map<String, Object> tagged = new LinkedHashMap<>(Tree.object(value));
        switch (String.valueOf(tagged.get(Values.TAG))) {
            case "file" -> {
                return Path.of(String.valueOf(tagged.get("path")));
            }
            case "object" -> tagged.computeIfPresent("value", (name, object) -> members(object)); // itself it is no file
            case "table" -> tagged.computeIfPresent("columns", (name, columns) ->
                    Tree.list(columns).stream().map(column -> column(Tree.object(column))).toList());
            default -> tagged.replaceAll((name, item) -> value(item));
        }
        return tagged;
    }

    private Map<String, Object> column(Map<String, Object> column) {
        Map<String, Object> read = new LinkedHashMap<>(column);
        read.computeIfPresent("values", (name, values) -> value(values) instanceof Path file ? takeIn(file) : values);
        return read;
    }

    /** The array of one dimension in a {@code .npy} file, which is deleted. */
    private SharedArray takeIn(Path file) {
        try {
            byte[] content = Files.readAllBytes(file);
            Files.delete(file);
            int start = NPY_PREFIX + ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getShort(NPY_PREFIX - 2);
            String header = new String(content, NPY_PREFIX, start - NPY_PREFIX, StandardCharsets.US_ASCII);
            Matcher matcher = NPY_HEADER.matcher(header);
            if (!matcher.find()) {
                throw new IOException("it holds " + header.strip());
            }
            return array(dtype(matcher.group(1), Integer.parseInt(matcher.group(2))),
                    Long.parseLong(matcher.group(3)), ByteBuffer.wrap(content, start, content.length - start));
        } catch (IOException | IndexOutOfBoundsException e) {
            throw Connection.violation("a table whose column " + file + " cannot be read: " + e.getMessage());
        }
    }

    private SharedArray array(DType dtype, long length, ByteBuffer elements) throws IOException {
        if (elements.remaining() != length * dtype.bytes()) {
            throw new IOException("it has another length than it says");
        }
        Block block = length == 0 ? null : memory.allocate(elements.remaining());
        SharedArray array = new SharedArray(memory, block, 0, dtype, new long[] {length}, List.of());
        array.forEachChunk(chunk -> {
            chunk.put(chunk.position(), elements, elements.position(), chunk.remaining());
            elements.position(elements.position() + chunk.remaining());
        });
        return array;
    }

    private static DType dtype(String kind, int bytes) {
        return kind.equals("b")
                ? DType.BOOL
                : DType.ofWord(switch (kind) {
                    case "i" -> "int";
                    case "u" -> "uint";
                    case "f" -> "float";
                    default -> "complex";
                } + bytes * 8);
    }
}
