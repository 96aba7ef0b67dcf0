package org.alcove;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a plain value is what a parameter declares, and in words what that is. The worker has the same rules and words
 * ({@code fitting.py}); the vectors hold both to them.
 */
final class Fitting {
    private static final Set<String> SHAPE_TYPES = Set.of("polygon", "rectangle", "ellipse", "line", "path");
    private static final Set<String> NUMERIC = Set.of("integer", "float");
    private static final Map<String, String> ROLE_SHAPES =
            Map.of("points", "(N, D)", "vectors", "(N, 2, D)", "tracks", "(N, 2+D)");
    private static final Map<String, String> NOUNS = Map.of(
            "integer", "an integer",
            "complex", "a complex number",
            "bytes", "bytes",
            "object", "an object",
            "shapes", "a list of shapes",
            "any", "any value");

    private Fitting() {}

    /** Whether the value fits a descriptor of an input, an output or an item. */
    static boolean fits(Object value, Map<String, Object> descriptor) {
        String type = String.valueOf(descriptor.get("type"));
        if (value == null) {
            return Boolean.TRUE.equals(descriptor.get("nullable")) || type.equals("any");
        }
        return switch (type) {
            case "boolean" -> value instanceof Boolean;
            case "integer" -> isInteger(value) && isInRange(value, descriptor);
            case "float" -> isReal(value) && isInRange(value, descriptor);
            case "complex" -> value instanceof Complex || isReal(value);
            case "string", "path" -> value instanceof String;
            case "bytes" -> value instanceof byte[];
            case "choice" -> Tree.list(descriptor.get("choices")).contains(value);
            case "object" -> value instanceof Map<?, ?>;
            case "list" -> isListOf(value, descriptor.get("items"));
            case "array" -> value instanceof SharedArray array && hasShapeOf(descriptor.get("role"), array.shape());
            case "table" -> value instanceof Table;
            case "shapes" -> value instanceof List<?> shapes && shapes.stream().allMatch(Fitting::isShape);
            default -> true;
        };
    }

    private static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof BigInteger;
    }

    /** A real number that a double can hold; NaN and the infinities count. */
    private static boolean isReal(Object value) {
        return value instanceof Double || isInteger(value) && !Double.isInfinite(((Number) value).doubleValue());
    }

    private static boolean isInRange(Object value, Map<String, Object> descriptor) {
        return (!(descriptor.get("minimum") instanceof Number minimum) || isAtMost(minimum, (Number) value))
                && (!(descriptor.get("maximum") instanceof Number maximum) || isAtMost((Number) value, maximum));
    }

    /** Exact, for integers beyond a double's precision too; NaN compares false. */
    private static boolean isAtMost(Number low, Number high) {
        if (low instanceof Long least && high instanceof Long value) { // as nearly always
            return least <= value;
        } else if (low instanceof Double least && high instanceof Double value) {
            return least <= value;
        } else if (Double.isFinite(low.doubleValue()) && Double.isFinite(high.doubleValue())) {
            return new BigDecimal(low.toString()).compareTo(new BigDecimal(high.toString())) <= 0;
        }
        return low.doubleValue() <= high.doubleValue();
    }

    private static boolean isListOf(Object value, Object items) {
        return value instanceof List<?> list
                && (items == null || list.stream().allMatch(item -> fits(item, Tree.object(items))));
    }

    private static boolean hasShapeOf(Object role, long[] shape) {
        return switch (String.valueOf(role)) {
            case "points" -> shape.length == 2 && shape[1] >= 1;
            case "vectors" -> shape.length == 3 && shape[1] == 2 && shape[2] >= 1;
            case "tracks" -> shape.length == 2 && shape[1] >= 3;
            default -> true;
        };
    }

    private static boolean isShape(Object value) {
        Map<String, Object> shape = Tree.object(value);
        return shape.get("type") instanceof String type
                && SHAPE_TYPES.contains(type)
                && shape.get("vertices") instanceof SharedArray vertices
                && vertices.dtype() == DType.FLOAT64
                && hasShapeOf("points", vertices.shape());
    }

    /** What the descriptor expects, in words that follow "must be". */
    static String expected(Map<String, Object> descriptor) {
        String type = String.valueOf(descriptor.get("type"));
        String text = NOUNS.getOrDefault(type, "a " + type);
        if (type.equals("choice")) {
            List<Object> choices = Tree.list(descriptor.get("choices"));
            text = "one of " + choices.stream().map(String::valueOf).collect(Collectors.joining(", "));
        } else if (type.equals("array")) {
            text = arrayText(String.valueOf(descriptor.getOrDefault("role", "array")), descriptor.containsKey("direction"));
        } else if (type.equals("list") && descriptor.containsKey("items")) {
            text += ", each item " + expected(Tree.object(descriptor.get("items")));
        } else if (NUMERIC.contains(type) && (descriptor.containsKey("minimum") || descriptor.containsKey("maximum"))) {
            text += " from " + numberText(descriptor.getOrDefault("minimum", "-infinity")) + " to "
                    + numberText(descriptor.getOrDefault("maximum", "infinity"));
        }
        return text + (Boolean.TRUE.equals(descriptor.get("nullable")) ? " or null" : "");
    }

    private static String arrayText(String role, boolean isWritten) {
        String noun = role.equals("array") ? "array" : role + " array";
        String article = isWritten ? "a writable " : "ai".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ";
        return article + noun + (ROLE_SHAPES.containsKey(role) ? " of shape " + ROLE_SHAPES.get(role) : "");
    }

    /** A number as Python shows it: 1e-05 and 1e+16, where Java says 1.0E-5 and 1.0E16. */
    private static String numberText(Object number) {
        if (!(number instanceof Double value)) {
            return String.valueOf(number);
        }
        double size = Math.abs(value);
        if (size == 0 || size >= 1e-4 && size < 1e16) {
            String plain = new BigDecimal(value.toString()).toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String[] parts = value.toString().split("E");
        int exponent = Integer.parseInt(parts[1]);
        String mantissa = parts[0].endsWith(".0") ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
        return mantissa + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }
}
