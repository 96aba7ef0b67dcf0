package org.alcove;

import java.util.List;
import java.util.Map;

/** Reading parsed JSON without a cast at each step; what is missing or of another type is empty. */
final class Tree {
    private Tree() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(Object value) {
        return value instanceof List<?> list ? (List<Object>) list : List.of();
    }

    static List<String> strings(Object value) {
        return list(value).stream().map(String::valueOf).toList();
    }

    static String string(Object value) {
        return value instanceof String text ? text : null;
    }

    static long number(Object value, long otherwise) {
        return value instanceof Number number ? number.longValue() : otherwise;
    }

    static Double decimal(Object value) {
        return value instanceof Number number ? Double.valueOf(number.doubleValue()) : null;
    }
}
