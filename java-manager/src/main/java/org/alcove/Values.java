package org.alcove;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Values to the wire: JSON's own, and objects with a {@code $type} for what JSON lacks. {@link ValueReader} is the way
 * back.
 *
 * <p>What users pass is first made <em>plain</em>, which checks it and takes a copy: null, Boolean, Long, BigInteger,
 * Double, String, Complex, byte[], SharedArray, Table, and lists and maps of these.
 */
final class Values {
    static final String TAG = "$type";
    private static final BigInteger TOO_LARGE = BigInteger.TEN.pow(Json.MAX_INTEGER_DIGITS);
    /** How deep a value may nest: around it stand the objects of the message, of its params, and of the inputs. */
    private static final int MAX_DEPTH = Json.MAX_DEPTH - 2;

    private Values() {}

    /**
     * The plain form of a value.
     *
     * @param place where it stands, for the error
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when it cannot be sent
     */
    static Object plain(Object value, Place place) {
        return plain(value, place, 0);
    }

    private static Object plain(Object value, Place place, int depth) {
        if (value == null || value instanceof Boolean || value instanceof Long || value instanceof String) {
            return value;
        } else if (value instanceof Double || value instanceof Complex || value instanceof SharedArray
                || value instanceof Table) {
            requireDepth(depth + levels(value), place);
            return value;
        } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        } else if (value instanceof BigInteger integer) {
            return plainInteger(integer, place);
        } else if (value instanceof Float number) {
            return plain(number.doubleValue(), place, depth);
        } else if (value instanceof BigDecimal number) {
            return plainDecimal(number, place);
        } else if (value instanceof CharSequence || value instanceof Character) {
            return value.toString();
        } else if (value instanceof Enum<?> member) {
            return member.name();
        } else if (value instanceof Path file) {
            return file.toAbsolutePath().toString();
        } else if (value instanceof byte[] bytes) {
            requireDepth(depth + 1, place);
            return bytes.clone();
        } else if (value instanceof Map<?, ?> map) {
            return plainMap(map, place, depth);
        }
        List<?> items = items(value).orElseThrow(() -> unsendable(place, "a " + value.getClass().getName()));
        requireDepth(depth + 1, place);
        List<Object> copy = new ArrayList<>(items.size());
        for (Object item : items) {
            copy.add(plain(item, place.item(copy.size()), depth + 1));
        }
        return copy;
    }

    /** The items of a collection or of a Java array; but byte[] is one value, and what can be gone through only once none. */
    static Optional<List<?>> items(Object value) {
        if (value instanceof Collection<?> collection) {
            return Optional.of(collection instanceof List<?> list ? list : new ArrayList<>(collection));
        } else if (value instanceof Object[] array) {
            return Optional.of(Arrays.asList(array));
        } else if (value == null || !value.getClass().isArray() || value instanceof byte[]) {
            return Optional.empty();
        }
        return Optional.of(new AbstractList<Object>() {
            @Override
            public Object get(int index) {
                return Array.get(value, index);
            }

            @Override
            public int size() {
                return Array.getLength(value);
            }
        });
    }

    private static BigInteger plainInteger(BigInteger integer, Place place) {
        if (integer.abs().compareTo(TOO_LARGE) >= 0) {
            throw unsendable(place, "an integer of more than " + Json.MAX_INTEGER_DIGITS + " digits");
        }
        return integer;
    }

    private static Double plainDecimal(BigDecimal number, Place place) {
        double nearest = number.doubleValue();
        if (Double.isInfinite(nearest)) {
            throw unsendable(place, "a BigDecimal beyond the range of double");
        }
        return nearest;
    }

    private static Map<String, Object> plainMap(Map<?, ?> map, Place place, int depth) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, item) -> {
            String name = plainKey(key, place);
            if (copy.containsKey(name)) {
                throw unsendable(place, "a map with two keys " + name);
            }
            copy.put(name, item);
        });
        int inner = depth + (copy.containsKey(TAG) ? 2 : 1);
        requireDepth(inner, place);
        copy.replaceAll((name, item) -> plain(item, place.member(name), inner));
        return copy;
    }

    private static String plainKey(Object key, Place place) {
        String name = key instanceof Enum<?> member ? member.name() : String.valueOf(key);
        if (!(key instanceof CharSequence || key instanceof Character || key instanceof Enum<?>)) {
            throw unsendable(place, "a map whose key " + name + " is no text");
        }
        if (!isText(name)) {
            throw unsendable(place, "a map whose key has half a surrogate pair");
        }
        return name;
    }

    /** Whether every parser can read it as a name: as a value half a surrogate pair is fine, as a name some refuse it. */
    private static boolean isText(String name) {
        return name.codePoints().noneMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
    }

    /** How many objects and arrays deep the tagged form of a value is at most. */
    private static int levels(Object value) {
        if (value instanceof Double number) {
            return Double.isFinite(number) ? 0 : 1;
        } else if (value instanceof Complex) {
            return 2;
        }
        return value instanceof SharedArray ? 3 : 6;
    }

    private static void requireDepth(int depth, Place place) {
        if (depth > MAX_DEPTH) {
            Place input = place; // its whole path would be too long to read
            while (input.outer() != null && input.outer().outer() != null) {
                input = input.outer();
            }
            throw new AlcoveException(
                    ErrorKind.INVALID_PARAMS,
                    input + " is nested so deep that its message would pass " + Json.MAX_DEPTH + " levels",
                    "make it flatter, or look whether it contains itself",
                    Map.of("path", input.toString()));
        }
    }

    private static AlcoveException unsendable(Place place, String what) {
        return new AlcoveException(
                ErrorKind.INVALID_PARAMS,
                place + ": " + what + " cannot be sent",
                "send a number, string, boolean, Path, list, map, Table or SharedArray (Alcove.share makes one of pixels)",
                Map.of("path", place.toString()));
    }

    /** All SharedArrays in a plain value, each once. */
    static Set<SharedArray> arraysIn(Object value) {
        Set<SharedArray> found = new LinkedHashSet<>();
        collect(value, found);
        return found;
    }

    private static void collect(Object value, Set<SharedArray> found) {
        if (value instanceof SharedArray array) {
            found.add(array);
        } else if (value instanceof Table table) {
            table.columns().values().forEach(column -> collect(column, found));
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(item -> collect(item, found));
        } else if (value instanceof List<?> items) {
            items.forEach(item -> collect(item, found));
        }
    }

    /** Writes any value; {@code path} says where it stands, for the error about one that cannot be sent. */
    static void write(JsonGenerator json, Object value, String path) throws IOException {
        writePlain(json, plain(value, Place.of(path)));
    }

    /** Writes a plain value. */
    static void writePlain(JsonGenerator json, Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof Long integer) {
            json.writeNumber(integer);
        } else if (value instanceof BigInteger integer) {
            json.writeNumber(integer);
        } else if (value instanceof Double number) {
            writeFloat(json, number);
        } else if (value instanceof String text) {
            json.writeString(text);
        } else if (value instanceof Map<?, ?> map) {
            writeMap(json, map);
        } else if (value instanceof List<?> items) {
            json.writeStartArray();
            for (Object item : items) {
                writePlain(json, item);
            }
            json.writeEndArray();
        } else {
            writeTagged(json, value);
        }
    }

    private static void writeTagged(JsonGenerator json, Object value) throws IOException {
        if (value instanceof SharedArray array) {
            writeArray(json, array, false);
            return;
        }
        json.writeStartObject();
        if (value instanceof Complex number) {
            json.writeStringField(TAG, "complex");
            json.writeFieldName("real");
            writeFloat(json, number.real());
            json.writeFieldName("imag");
            writeFloat(json, number.imag());
        } else if (value instanceof byte[] bytes) {
            json.writeStringField(TAG, "bytes");
            json.writeStringField("base64", Base64.getEncoder().encodeToString(bytes));
        } else if (value instanceof Table table) {
            json.writeStringField(TAG, "table");
            writeColumns(json, table);
        } else {
            throw new IllegalArgumentException("a " + value.getClass().getName() + " is not plain");
        }
        json.writeEndObject();
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

    private static void writeColumns(JsonGenerator json, Table table) throws IOException {
        json.writeArrayFieldStart("columns");
        for (Map.Entry<String, Object> column : table.columns().entrySet()) {
            json.writeStartObject();
            json.writeStringField("name", column.getKey());
            json.writeFieldName("values");
            writePlain(json, column.getValue());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeMap(JsonGenerator json, Map<?, ?> map) throws IOException {
        boolean tagged = map.containsKey(TAG);
        if (tagged) {
            json.writeStartObject();
            json.writeStringField(TAG, "object");
            json.writeFieldName("value");
        }
        json.writeStartObject();
        for (Map.Entry<?, ?> member : map.entrySet()) {
            json.writeFieldName((String) member.getKey());
            writePlain(json, member.getValue());
        }
        json.writeEndObject();
        if (tagged) {
            json.writeEndObject();
        }
    }

    /** Writes an array's descriptor; {@code writable} when the op is to change the array. */
    static void writeArray(JsonGenerator json, SharedArray array, boolean writable) throws IOException {
        json.writeStartObject();
        json.writeStringField(TAG, "ndarray");
        json.writeStringField("block", array.block() == null ? null : array.block().name);
        json.writeNumberField("offset", array.offset());
        json.writeStringField("dtype", array.dtype().word());
        json.writeFieldName("shape");
        long[] shape = array.shape();
        json.writeArray(shape, 0, shape.length);
        if (!array.axes().isEmpty()) {
            json.writeArrayFieldStart("axes");
            for (Axis axis : array.axes()) {
                writeAxis(json, axis);
            }
            json.writeEndArray();
        }
        if (writable) {
            json.writeBooleanField("writable", true);
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
        // What goes without saying is not sent: these two numbers would cost the worker more than all else in the axis.
        if (axis.scale() != 1) {
            json.writeNumberField("scale", axis.scale());
        }
        if (axis.translation() != 0) {
            json.writeNumberField("translation", axis.translation());
        }
        json.writeEndObject();
    }

    /** The Java value of a parsed one; every ndarray in it becomes a SharedArray on one of the {@code blocks}. */
    static Object read(Object value, SharedMemory memory, Map<String, Block> blocks) {
        return new ValueReader(memory, blocks).read(value);
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
            } else if ("object".equals(members.get(TAG))) {
                // Its own $type is a member like the others.
                Tree.object(members.get("value")).values().forEach(item -> collectBlocks(item, names));
            } else {
                members.values().forEach(item -> collectBlocks(item, names));
            }
        }
    }
}
