package org.alcove;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values from the wire: Boolean, Long or BigInteger, Double, String, Complex, byte[], SharedArray, Table, lists and maps
 * of these, and null. Each SharedArray is one more user of its block.
 */
final class ValueReader {
    private static final int MAX_DIMENSIONS = 64; // as many as numpy can have

    private final SharedMemory memory;
    private final Map<String, Block> blocks;
    private final List<SharedArray> made = new ArrayList<>();

    /** {@code blocks} are those that arrays may lie in, by name. */
    ValueReader(SharedMemory memory, Map<String, Block> blocks) {
        this.memory = memory;
        this.blocks = blocks;
    }

    /**
     * The Java value of a parsed one.
     *
     * @throws AlcoveException {@link ErrorKind#PROTOCOL_VIOLATION} when it is malformed; then no block has a new user
     */
    Object read(Object value) {
        try {
            return readAny(value);
        } catch (RuntimeException | Error malformed) {
            made.forEach(SharedArray::close);
            throw malformed;
        }
    }

    private Object readAny(Object value) {
        if (value instanceof List<?> items) {
            List<Object> read = new ArrayList<>(items.size());
            items.forEach(item -> read.add(readAny(item)));
            return read;
        } else if (!(value instanceof Map<?, ?>)) {
            return value;
        }
        Map<String, Object> members = Tree.object(value);
        if (!members.containsKey(Values.TAG)) {
            return readMembers(members);
        }
        if (!(members.get(Values.TAG) instanceof String tag)) {
            throw malformed(members);
        }
        return switch (tag) {
            case "ndarray" -> readArray(members);
            case "table" -> readTable(members);
            case "object" -> {
                member(members, "value", Map.class);
                yield readMembers(Tree.object(members.get("value")));
            }
            case "float" -> readFloat(members);
            case "bytes" -> readBytes(members);
            case "complex" -> new Complex(readPart(members, "real"), readPart(members, "imag"));
            default -> throw malformed(members);
        };
    }

    private Map<String, Object> readMembers(Map<String, Object> members) {
        Map<String, Object> read = new LinkedHashMap<>();
        members.forEach((name, item) -> read.put(name, readAny(item)));
        return read;
    }

    private static <T> T member(Map<String, Object> members, String name, Class<T> type) {
        Object value = members.get(name);
        if (!type.isInstance(value)) {
            throw malformed(members);
        }
        return type.cast(value);
    }

    private static AlcoveException malformed(Map<String, Object> members) {
        return Connection.violation("a value with $type " + members.get(Values.TAG) + " that is none");
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
        String text = member(members, "base64", String.class);
        try {
            if (text.length() % 4 == 0) { // Java's decoder would do without the padding
                return Base64.getDecoder().decode(text);
            }
        } catch (IllegalArgumentException e) {
            // falls through
        }
        throw malformed(members);
    }

    private static double readPart(Map<String, Object> members, String name) {
        if (members.get(name) instanceof Map<?, ?> part && "float".equals(part.get(Values.TAG))) {
            return readFloat(Tree.object(part));
        }
        double number = member(members, name, Number.class).doubleValue();
        if (Double.isInfinite(number)) { // an integer that no double can hold
            throw malformed(members);
        }
        return number;
    }

    private Table readTable(Map<String, Object> members) {
        Map<String, Object> columns = new LinkedHashMap<>();
        for (Object item : member(members, "columns", List.class)) {
            Map<String, Object> column = Tree.object(item);
            if (columns.put(String.valueOf(column.get("name")), readAny(column.get("values"))) != null
                    || !(column.get("name") instanceof String)) {
                throw malformed(members);
            }
        }
        try {
            return new Table(columns);
        } catch (IllegalArgumentException e) {
            throw malformed(members);
        }
    }

    private SharedArray readArray(Map<String, Object> members) {
        DType dtype = readDType(members);
        long[] shape = readShape(members);
        List<Axis> axes = readAxes(members, shape.length);
        long bytes = SharedArray.elements(shape) * dtype.bytes();
        long offset = member(members, "offset", Long.class);
        boolean flagged = members.get("writable") == null || members.get("writable") instanceof Boolean;
        if (offset < 0 || offset % SharedArray.ALIGNMENT != 0 || !flagged) {
            throw malformed(members);
        }
        Block block = null;
        if (bytes > 0) {
            block = members.get("block") instanceof String name ? blocks.get(name) : null;
            if (block == null || bytes > block.size - offset) {
                throw Connection.violation("an array that lies outside of its block");
            }
            memory.use(block);
        }
        SharedArray array = new SharedArray(memory, block, block == null ? 0 : offset, dtype, shape, axes);
        made.add(array);
        return array;
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
        long[] shape = new long[sizes.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = sizes.get(i) instanceof Long length ? length : -1;
        }
        try {
            Math.multiplyExact(SharedArray.elements(shape), DType.COMPLEX128.bytes());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw malformed(members);
        }
        if (shape.length > MAX_DIMENSIONS) {
            throw malformed(members);
        }
        return shape;
    }

    private static List<Axis> readAxes(Map<String, Object> members, int dimensions) {
        if (members.get("axes") == null) {
            return List.of();
        }
        List<Axis> axes = new ArrayList<>();
        for (Object item : member(members, "axes", List.class)) {
            axes.add(readAxis(members, Tree.object(item)));
        }
        if (axes.size() != dimensions) {
            throw malformed(members);
        }
        return List.copyOf(axes);
    }

    private static Axis readAxis(Map<String, Object> array, Map<String, Object> axis) {
        Object type = axis.get("type");
        Object unit = axis.get("unit");
        boolean texts = (type == null || type instanceof String) && (unit == null || unit instanceof String);
        if (!texts || !(axis.get("name") instanceof String name)) {
            throw malformed(array);
        }
        try {
            return new Axis(name, type == null ? "space" : (String) type, (String) unit,
                    calibration(array, axis, "scale", 1), calibration(array, axis, "translation", 0));
        } catch (IllegalArgumentException infinite) {
            throw malformed(array);
        }
    }

    private static double calibration(Map<String, Object> array, Map<String, Object> axis, String name, double usual) {
        if (axis.get(name) != null && !(axis.get(name) instanceof Number)) {
            throw malformed(array);
        }
        return axis.get(name) instanceof Number number ? number.doubleValue() : usual;
    }
}
