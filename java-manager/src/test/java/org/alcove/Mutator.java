package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Lines that a worker might send, each changed a little: in its bytes, or in the tree that it stands for. */
final class Mutator {
    private static final List<String> RESULTS = List.of(
            "{'result': 1}",
            "{'a': [1, 2.5, 'x', null, true], 'b': {'c': -0.0}}",
            "{'a': {'$type': 'float', 'value': 'NaN'}}",
            "{'a': {'$type': 'complex', 'real': 1, 'imag': {'$type': 'float', 'value': '-Infinity'}}}",
            "{'a': {'$type': 'bytes', 'base64': 'AAEC'}}",
            "{'a': {'$type': 'object', 'value': {'$type': 1, 'b': []}}}",
            "{'image': {'$type': 'ndarray', 'block': 'b-0', 'offset': 64, 'dtype': 'uint16', 'shape': [3, 4], 'axes': [{'name': 'y'},"
                    + " {'name': 'x', 'type': 'space', 'unit': 'micrometer', 'scale': 0.5, 'translation': -1}]}}",
            "{'table': {'$type': 'table', 'columns': [{'name': 'a', 'values': [1, null]}, {'name': 'b', 'values':"
                    + " {'$type': 'ndarray', 'block': 'b-1', 'offset': 0, 'dtype': 'float64', 'shape': [2]}}]}}",
            "{}");

    private static final List<String> ERRORS = List.of(
            "{'code': -32000, 'message': 'no', 'data': {'kind': 'op_failed', 'row': 1, 'traceback': 'Traceback', 'frames':"
                    + " [{'file': 'a.py', 'line': 3, 'function': 'f'}]}}",
            "{'code': -32001, 'message': 'cancelled', 'data': {'kind': 'cancelled'}}",
            "{'code': -32602, 'message': 'no', 'data': {'kind': 'invalid_params', 'path': 'rows[1]', 'expected': 'more'}}");

    private static final List<String> RESULTS_OF_MAP = List.of(
            "{'columns': ['result'], 'rows': [[1], [2.5], ['x']], 'errors': {}, 'kept': []}",
            "{'columns': ['a', 'b'], 'rows': [[1, {'$type': 'float', 'value': 'NaN'}], null, [null, true]], 'errors': {'1': {'code':"
                    + " -32000, 'message': 'no', 'data': {'kind': 'op_failed', 'type': 'ValueError'}}}, 'kept': []}");

    private static final List<String> NOTIFICATIONS = List.of(
            "'method': 'progress', 'params': {'id': 1, 'fraction': 0.5, 'message': 'half'}",
            "'method': 'log', 'params': {'id': null, 'level': 'info', 'logger': 'x', 'message': 'y'}",
            "'method': 'forget', 'params': {'blocks': ['b-0', 'b-1']}");

    private static final List<String> TOKENS = List.of(
            "{", "}", "[", "]", "\"", ",", ":", "null", "true", "NaN", "-Infinity", "1e999", "-", "0x1", "\\u0000", "\\ud800", "\\",
            "\n", "\r", " ", "\u00e9", "\ufeff", "\u0000", "\"$type\":\"ndarray\",", "\"id\":2,", "[[[[[[[[[[[[[[[[", "9".repeat(400));

    private static final List<Object> LEAVES = Arrays.asList(
            null, true, false, 0L, 1L, 2L, 3L, -1L, 64L, Long.MAX_VALUE, Long.MIN_VALUE, BigInteger.TWO.pow(70), 0.5, -0.0, 1e300,
            "", "x", "ndarray", "table", "object", "float", "complex", "bytes", "NaN", "b-0", "b-1", "../b-0", "uint8", "object_",
            "op_failed", "cancelled", "worker_died", "2.0", "1", "7", "\uD800", List.of(), Map.of(), List.of(List.of()),
            Map.of("$type", "float"), Map.of("$type", 1L));

    private static final List<String> NAMES = List.of(
            "$type", "id", "result", "error", "method", "params", "outputs", "kept", "rows", "columns", "errors", "value", "values",
            "name", "block", "offset", "shape", "dtype", "axes", "writable", "data", "kind", "message", "jsonrpc", "", "real");

    private final Random random;
    private int lines;

    Mutator(long seed) {
        this.random = new Random(seed);
    }

    /**
     * A stream of one to six lines: answers to a call, a map and a call, whose ids are 1, 2 and 3, and what may come between
     * them. About every second one is changed.
     */
    byte[] stream() {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int id = 1;
        for (int left = random.nextInt(6); left >= 0; left--) {
            boolean isAnswer = id <= 3 && random.nextInt(4) > 0;
            String members = isAnswer ? answer(id++) : pick(NOTIFICATIONS);
            String line = "{'jsonrpc': '2.0', " + members + "}";
            stream.writeBytes(maybeChanged(line.replace('\'', '"').getBytes(UTF_8)));
            stream.write('\n');
            lines++;
        }
        return stream.toByteArray();
    }

    private String answer(int id) {
        if (random.nextInt(4) == 0) {
            return "'id': " + id + ", 'error': " + pick(ERRORS);
        }
        String result = id == 2 ? pick(RESULTS_OF_MAP) : "{'outputs': " + pick(RESULTS) + ", 'kept': ['b-0']}";
        return "'id': " + id + ", 'result': " + result;
    }

    /** How many lines there have been. */
    int lines() {
        return lines;
    }

    private byte[] maybeChanged(byte[] line) {
        int kind = random.nextInt(10);
        if (kind < 3) {
            return changedTree(line);
        }
        byte[] changed = line;
        for (int i = kind < 5 ? random.nextInt(3) : -1; i >= 0; i--) {
            changed = changedBytes(changed);
        }
        return changed;
    }

    private byte[] changedTree(byte[] line) {
        try {
            Object tree = Json.parse(line);
            for (int i = random.nextInt(3); i >= 0; i--) {
                tree = changed(tree, 0);
            }
            Object whole = tree;
            return Json.line(json -> PlayedWorker.writeRaw(json, whole));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The tree with one node changed, which may lie anywhere. */
    private Object changed(Object node, int depth) {
        boolean here = random.nextInt(4) == 0 && depth > 0;
        if (node instanceof Map<?, ?> && !here && !Tree.object(node).isEmpty()) {
            Map<String, Object> members = new LinkedHashMap<>(Tree.object(node));
            String name = pick(new ArrayList<>(members.keySet()));
            switch (random.nextInt(8)) {
                case 0 -> members.remove(name);
                case 1 -> members.put(pick(NAMES), pick(LEAVES));
                case 2 -> members.put(pick(NAMES), members.remove(name));
                default -> members.put(name, changed(members.get(name), depth + 1));
            }
            return members;
        } else if (node instanceof List<?> list && !here && !list.isEmpty()) {
            List<Object> items = new ArrayList<>(list);
            int index = random.nextInt(items.size());
            switch (random.nextInt(8)) {
                case 0 -> items.remove(index);
                case 1 -> items.add(index, pick(LEAVES));
                default -> items.set(index, changed(items.get(index), depth + 1));
            }
            return items;
        }
        return random.nextInt(8) == 0 && node != null ? List.of(node) : pick(LEAVES);
    }

    private byte[] changedBytes(byte[] line) {
        int from = random.nextInt(line.length + 1);
        int to = Math.min(line.length, from + random.nextInt(12));
        byte[] between = switch (random.nextInt(5)) {
            case 0 -> new byte[0];
            case 1 -> new byte[] {(byte) random.nextInt(256)};
            case 2 -> concatenated(Arrays.copyOfRange(line, from, to), Arrays.copyOfRange(line, from, to));
            case 3 -> Arrays.copyOfRange(line, to, line.length);
            default -> pick(TOKENS).getBytes(UTF_8);
        };
        return concatenated(Arrays.copyOfRange(line, 0, from), between, Arrays.copyOfRange(line, to, line.length));
    }

    private static byte[] concatenated(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private <T> T pick(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }
}
