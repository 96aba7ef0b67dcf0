package org.alcove.scijava;

import java.io.File;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alcove.Parameter;
import org.scijava.module.DefaultMutableModuleItem;
import org.scijava.module.ModuleInfo;
import org.scijava.module.ModuleItem;
import org.scijava.widget.NumberWidget;

/** Parameters of ops as SciJava describes inputs and outputs. */
final class Items {
    private Items() {}

    static ModuleItem<?> input(ModuleInfo info, Parameter parameter, Exchange exchange) {
        DefaultMutableModuleItem<Object> item = item(info, parameter, exchange);
        item.setRequired(parameter.required() && !parameter.nullable());
        item.setAutoFill(item.isRequired()); // else the active image would take the place of "no image"
        item.setPersisted(false); // the last value would take the place of the default
        setRange(item, parameter);
        item.setDefaultValue(value(parameter.defaultValue(), item.getType()));
        if (parameter.type().equals("choice")) {
            item.setChoices(parameter.choices().stream()
                    .map(choice -> value(choice, item.getType()))
                    .toList());
        }
        return item;
    }

    static ModuleItem<?> output(ModuleInfo info, Parameter parameter, Exchange exchange) {
        return item(info, parameter, exchange);
    }

    /** SciJava checks no type here; the class says what an item holds. */
    @SuppressWarnings("unchecked")
    private static DefaultMutableModuleItem<Object> item(ModuleInfo info, Parameter parameter, Exchange exchange) {
        Class<Object> type = (Class<Object>) type(parameter, exchange);
        DefaultMutableModuleItem<Object> item = new DefaultMutableModuleItem<>(info, parameter.name(), type);
        String unit = parameter.unit().map(text -> " (" + text + ")").orElse("");
        parameter.label().ifPresent(label -> item.setLabel(label + unit));
        if (parameter.label().isEmpty() && !unit.isEmpty()) {
            item.setLabel(parameter.name().replace('_', ' ') + unit);
        }
        parameter.description().ifPresent(item::setDescription);
        return item;
    }

    private static Class<?> type(Parameter parameter, Exchange exchange) {
        return switch (parameter.type()) {
            case "boolean" -> Boolean.class;
            case "integer" -> isLong(parameter) ? Long.class : BigInteger.class;
            case "float" -> Double.class;
            case "string", "complex" -> String.class;
            case "path" -> File.class;
            case "bytes" -> byte[].class;
            case "choice" -> parameter.choices().stream().allMatch(Long.class::isInstance) ? Long.class : String.class;
            case "array", "table", "shapes" -> exchange.type(parameter);
            case "list" -> List.class;
            case "object" -> Map.class;
            default -> Object.class;
        };
    }

    private static boolean isLong(Parameter parameter) {
        return !(parameter.minimum().orElse(0) instanceof BigInteger)
                && !(parameter.maximum().orElse(0) instanceof BigInteger)
                && !(parameter.defaultValue() instanceof BigInteger);
    }

    private static void setRange(DefaultMutableModuleItem<Object> item, Parameter parameter) {
        parameter.minimum().ifPresent(end -> item.setMinimumValue(value(end, item.getType())));
        parameter.maximum().ifPresent(end -> item.setMaximumValue(value(end, item.getType())));
        parameter.step().ifPresent(item::setStepSize);
        if (parameter.minimum().isPresent() && parameter.maximum().isPresent()) {
            item.setWidgetStyle(NumberWidget.SLIDER_STYLE);
        }
    }

    /** A value of a descriptor in the class of its item. */
    private static Object value(Object value, Class<?> type) {
        if (value == null || type.isInstance(value)) {
            return value;
        } else if (value instanceof Number number && type == Double.class) {
            return number.doubleValue();
        } else if (value instanceof Number number && type == Long.class) {
            return number.longValue();
        } else if (value instanceof Number && type == BigInteger.class) {
            return new BigInteger(value.toString());
        } else if (type == File.class) {
            return Path.of(String.valueOf(value)).toFile();
        }
        return type == String.class ? String.valueOf(value) : null;
    }
}
