package org.alcove.scijava;

import java.io.File;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.scijava.module.Module;

/** What a module was given, as its op takes it. Closing it closes the arrays that were made for it. */
final class OpInputs implements AutoCloseable {
    private final Alcove alcove;
    private final Exchange exchange;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final Map<Parameter, SharedArray> written = new LinkedHashMap<>();
    private final List<SharedArray> made = new ArrayList<>();
    private SharedArray first;
    private Object original;

    OpInputs(Alcove alcove, Exchange exchange) {
        this.alcove = alcove;
        this.exchange = exchange;
    }

    void read(Op op, Module module) {
        for (Parameter input : op.inputs()) {
            Object value = module.getInput(input.name());
            // Null is what SciJava makes of a text that it cannot convert: then the op says what it takes.
            boolean isGiven = value != null || module.isInputResolved(input.name());
            if (isGiven && !isOut(input)) {
                values.put(input.name(), converted(input, value));
            }
        }
        op.inputs().stream().filter(OpInputs::isOut).forEach(this::allocate);
    }

    /** As a call takes them, by name. */
    Map<String, Object> values() {
        return values;
    }

    /** The arrays that the op changes or fills. */
    Map<Parameter, SharedArray> written() {
        return written;
    }

    /** The image that the op was given first. */
    Object original() {
        return original;
    }

    /** Leaves the arrays that the op has filled to who gets them. */
    void handOverWritten() {
        made.removeAll(written.values());
    }

    @Override
    public void close() {
        made.forEach(SharedArray::close);
    }

    private Object converted(Parameter input, Object value) {
        if (value instanceof String text && !List.of("string", "choice").contains(input.type()) || isOtherChoice(input, value)) {
            return input.parse(String.valueOf(value));
        } else if (value instanceof File file) {
            return file.toPath();
        } else if (value instanceof Double number && input.type().equals("integer") && number == Math.rint(number)) {
            return new BigDecimal(number).toBigInteger(); // some script languages have no other numbers
        } else if (value instanceof List<?> items && input.items().isPresent()) {
            return items.stream().map(item -> converted(input.items().get(), item)).toList();
        }
        return isExchanged(input) ? exchanged(input, value) : value;
    }

    /** Choices that are neither texts nor whole numbers are texts in SciJava. */
    private static boolean isOtherChoice(Parameter input, Object value) {
        return input.type().equals("choice") && value != null && !input.choices().contains(value);
    }

    private static boolean isExchanged(Parameter input) {
        return List.of("array", "table", "shapes", "any").contains(input.type());
    }

    private Object exchanged(Parameter input, Object value) {
        Object converted = exchange.toOp(alcove, input, value);
        if (converted instanceof SharedArray array) {
            if (array != value) {
                made.add(array);
            }
            if (first == null) {
                first = array;
                original = value;
            }
            if (input.direction().isPresent()) {
                written.put(input, array);
            }
        }
        return converted;
    }

    private static boolean isOut(Parameter input) {
        return input.direction().orElse("").equals("out");
    }

    /** As large as the first array that the op gets: SciJava has no place to ask. */
    private void allocate(Parameter output) {
        if (first == null) {
            throw new AlcoveException(
                    ErrorKind.INVALID_PARAMS,
                    output.name() + " is filled by the op, and there is no image that says how large it is",
                    "call this op from Java, or let it return its result",
                    Map.of());
        }
        List<Axis> axes = first.axes();
        SharedArray array = alcove.allocate(dtype(output), axes, first.shape());
        made.add(array);
        written.put(output, array);
        values.put(output.name(), array);
    }

    private DType dtype(Parameter output) {
        if (output.role().orElse("").equals("mask")) {
            return DType.BOOL;
        }
        return output.dtypes().isEmpty() || output.dtypes().contains(first.dtype().name().toLowerCase(Locale.ROOT))
                ? first.dtype()
                : Arrays.stream(DType.values())
                        .filter(dtype -> dtype.name().equalsIgnoreCase(output.dtypes().get(0)))
                        .findFirst()
                        .orElse(first.dtype());
    }
}
