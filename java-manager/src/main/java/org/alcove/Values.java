package org.alcove;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Values on the wire: JSON's own, and objects with a {@code $type} for what JSON lacks. */
final class Values {
    private static final String TAG = "$type";
    private static final BigInteger TOO_LARGE = BigInteger.TEN.pow(Json.MAX_INTEGER_DIGITS);
    private static final int ALIGNMENT = 64;
    private static final Map<String, Object> NO_CALIBRATION =
            Map.of(TAG, "ndarray", "type", "space", "scale", 1, "translation", 0);

    private Values() {}

    /** All SharedArrays in a value, each once. */
    static Set<SharedArray> arraysIn(Object value) {
        Set<SharedArray> found = new LinkedHashSet<>();
        collect(value, found);
        return found;
    }

    private static void collect(Object value, Set<SharedArray> found) {
        if (value instanceof SharedArray array) {
            found.add(array);
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(item -> collect(item, found));
        } else if (value instanceof Iterable<?> items && !(value instanceof Path)) {
            items.forEach(item -> collect(item, found));
        }
    }

    /** Writes a value; {@code path} says where it stands, for the error about one that cannot be sent. */
    static void write(JsonGenerator json, Object value, String path) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte) {
            json.writeNumber(((Number) value).longValue());
        } else if (value instanceof BigInteger integer) {
            if (integer.abs().compareTo(TOO_LARGE) >= 0) {
                throw unsendable(path, "an integer of more than " + Json.MAX_INTEGER_DIGITS + " digits");
            }
            json.writeNumber(integer);
        } else if (value instanceof Double || value instanceof Float) {
            writeFloat(json, ((Number) value).doubleValue());
        } else if (value instanceof CharSequence || value instanceof Character) {
            json.writeString(value.toString());
        } else if (value instanceof Enum<?> member) {
            json.writeString(member.name());
        } else if (value instanceof Path file) {
            json.writeString(file.toAbsolutePath().toString());
        } else if (value instanceof SharedArray array) {
            writeArray(json, array);
        } else if (value instanceof Complex number) {
            json.writeStartObject();
            json.writeStringField(TAG, "complex");
            json.writeFieldName("real");
            writeFloat(json, number.real());
            json.writeFieldName("imag");
            writeFloat(json, number.imag());
            json.writeEndObject();
        } else if (value instanceof byte[] bytes) {
            json.writeStartObject();
            json.writeStringField(TAG, "bytes");
            json.writeStringField("base64", Base64.getEncoder().encodeToString(bytes));
            json.writeEndObject();
        } else if (value instanceof Map<?, ?> map) {
            writeMap(json, map, path);
        } else if (value instanceof Iterable<?> items) {
            json.writeStartArray();
            int index = 0;
            for (Object item : items) {
                write(json, item, path + "[" + index++ + "]");
            }
            json.writeEndArray();
        } else {
            throw unsendable(path, "a " + value.getClass().getName());
        }
    }

    private static AlcoveException unsendable(String path, String what) {
        return new AlcoveException(
                ErrorKind.INVALID_PARAMS,
                path + ": " + what + " cannot be sent",
                "send a number, string, boolean, Path, list, map or SharedArray (Alcove.share makes one of pixels)");
    }

    private static void writeFloat(JsonGenerator json, double number) throws IOException {
        if (Double.isFinite(number)) {
            json.writeNumber(number);
        } else {
            json.writeStartObject();
            json.writeStringField(TAG, "float");
            json.writeStringField("value", Double.isNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
            json.writeEndObject();
        }
    }

    private static void writeMap(JsonGenerator json, Map<?, ?> map, String path) throws IOException {
        boolean tagged = map.containsKey(TAG);
        if (tagged) {
            json.writeStartObject();
            json.writeStringField(TAG, "object");
            json.writeFieldName("value");
        }
        json.writeStartObject();
        for (Map.Entry<?, ?> member : map.entrySet()) {
            json.writeFieldName(String.valueOf(member.getKey()));
            write(json, member.getValue(), path + "." + member.getKey());
        }
        json.writeEndObject();
        if (tagged) {
            json.writeEndObject();
        }
    }

    private static void writeArray(JsonGenerator json, SharedArray array) throws IOException {
        json.writeStartObject();
        json.writeStringField(TAG, "ndarray");
        json.writeStringField("block", array.block() == null ? null : array.block().name);
        json.writeNumberField("offset", array.offset());
        json.writeStringField("dtype", array.dtype().word());
        json.writeFieldName("shape");
        json.writeStartArray();
        for (long length : array.shape()) {
            json.writeNumber(length);
        }
        json.writeEndArray();
        if (!array.axes().isEmpty()) {
            json.writeArrayFieldStart("axes");
            for (Axis axis : array.axes()) {
                writeAxis(json, axis);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void writeAxis(JsonGenerator json, Axis axis) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", axis.name());
        json.writeStringField("type", axis.type());
        if (axis.unit() != null) {
            json.writeStringField("unit", axis.unit());
        }
        json.writeNumberField("scale", axis.scale());
        json.writeNumberField("translation", axis.translation());
        json.writeEndObject();
    }

    /** The Java value of a parsed one; every ndarray in it becomes a SharedArray on one of the {@code blocks}. */
    static Object read(Object value, SharedMemory memory, Map<String, Block> blocks) {
        if (value instanceof List<?> items) {
            List<Object> read = new ArrayList<>(items.size());
            items.forEach(item -> read.add(read(item, memory, blocks)));
            return read;
        }
        if (!(value instanceof Map<?, ?>)) {
            return value;
        }
        Map<String, Object> members = Tree.object(value);
        if (!members.containsKey(TAG)) {
            return readMembers(members, memory, blocks);
        }
        return switch (String.valueOf(members.get(TAG))) {
            case "ndarray" -> readArray(members, memory, blocks);
            case "object" -> {
                member(members, "value", Map.class);
                yield readMembers(Tree.object(members.get("value")), memory, blocks);
            }
            case "float" -> readFloat(members);
            case "bytes" -> readBytes(members);
            case "complex" -> new Complex(readPart(members, "real"), readPart(members, "imag"));
            default -> throw malformed(members);
        };
    }

    private static <T> T member(Map<String, Object> members, String name, Class<T> type) {
        Object value = members.get(name);
        if (!type.isInstance(value)) {
            throw malformed(members);
        }
        return type.cast(value);
    }

    private static AlcoveException malformed(Map<String, Object> members) {
        return Connection.violation("a value with $type " + members.get(TAG) + " that is none");
    }

    private static Map<String, Object> readMembers(Map<String, Object> members, SharedMemory memory, Map<String, Block> blocks) {
        Map<String, Object> read = new LinkedHashMap<>();
        members.forEach((name, item) -> read.put(name, read(item, memory, blocks)));
        return read;
    }

    private static double readFloat(Map<String, Object> members) {
        return switch (member(members, "value", String.class)) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> throw malformed(members);
        };
    }

    private static byte[] readBytes(Map<String, Object> members) {
        try {
            return Base64.getDecoder().decode(member(members, "base64", String.class));
        } catch (IllegalArgumentException e) {
            throw malformed(members);
        }
    }

    private static double readPart(Map<String, Object> members, String name) {
        if (members.get(name) instanceof Map<?, ?> part && "float".equals(part.get(TAG))) {
            return readFloat(Tree.object(part));
        }
        double number = member(members, name, Number.class).doubleValue();
        if (Double.isInfinite(number)) { // an integer that no double can hold
            throw malformed(members);
        }
        return number;
    }

    private static SharedArray readArray(Map<String, Object> members, SharedMemory memory, Map<String, Block> blocks) {
        DType dtype = readDType(members);
        long[] shape = readShape(members);
        List<Axis> axes = readAxes(members, shape.length);
        long bytes = SharedArray.elements(shape) * dtype.bytes();
        long offset = member(members, "offset", Long.class);
        if (offset < 0 || offset % ALIGNMENT != 0) {
            throw malformed(members);
        }
        if (bytes == 0) {
            return new SharedArray(memory, null, 0, dtype, shape, axes);
        }
        Block block = members.get("block") instanceof String name ? blocks.get(name) : null;
        if (block == null || bytes > block.size - offset) {
            throw Connection.violation("an array that lies outside of its block");
        }
        memory.use(block);
        return new SharedArray(memory, block, offset, dtype, shape, axes);
    }

    private static DType readDType(Map<String, Object> members) {
        try {
            return DType.ofWord(member(members, "dtype", String.class));
        } catch (AlcoveException e) {
            throw malformed(members);
        }
    }

    /** The shape, of at most as many elements as any dtype can have in 63 bits. */
    private static long[] readShape(Map<String, Object> members) {
        List<?> sizes = member(members, "shape", List.class);
        long[] shape = sizes.stream()
                .mapToLong(size -> size instanceof Long length ? length : -1)
                .toArray();
        try {
            Math.multiplyExact(SharedArray.elements(shape), DType.COMPLEX128.bytes());
            return shape;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw malformed(members);
        }
    }

    private static List<Axis> readAxes(Map<String, Object> members, int dimensions) {
        if (members.get("axes") == null) {
            return List.of();
        }
        List<Axis> axes = new ArrayList<>();
        for (Object item : member(members, "axes", List.class)) {
            Map<String, Object> axis = new LinkedHashMap<>(NO_CALIBRATION);
            axis.putAll(Tree.object(item));
            axes.add(new Axis(
                    member(axis, "name", String.class),
                    member(axis, "type", String.class),
                    axis.get("unit") == null ? null : member(axis, "unit", String.class),
                    member(axis, "scale", Number.class).doubleValue(),
                    member(axis, "translation", Number.class).doubleValue()));
        }
        if (axes.size() != dimensions) {
            throw malformed(members);
        }
        return List.copyOf(axes);
    }

    /** The names of all blocks in a parsed value. */
    static Set<String> blocksIn(Object value) {
        Set<String> names = new LinkedHashSet<>();
        collectBlocks(value, names);
        return names;
    }

    private static void collectBlocks(Object value, Set<String> names) {
        if (value instanceof List<?> items) {
            items.forEach(item -> collectBlocks(item, names));
        } else if (value instanceof Map<?, ?> members) {
            if ("ndarray".equals(members.get(TAG)) && members.get("block") instanceof String name) {
                names.add(name);
            } else {
                members.values().forEach(item -> collectBlocks(item, names));
            }
        }
    }
}
