package org.alcove.fiji;

import ij.gui.GenericDialog;
import java.awt.TextField;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.alcove.AlcoveException;
import org.alcove.Parameter;

/** A number, with a slider where the op says from where to where. */
final class NumberField extends Field {
    private static final int COLUMNS = 8;

    private final Parameter parameter;
    private final boolean isWhole;

    NumberField(String key, Parameter parameter) {
        super(key, label(parameter));
        this.parameter = parameter;
        this.isWhole = parameter.type().equals("integer");
    }

    @Override
    String initial() {
        if (!parameter.required()) {
            return Texts.of(parameter.defaultValue());
        }
        return Slider.of(parameter).map(slider -> Texts.number(parameter.minimum().orElseThrow())).orElse("");
    }

    @Override
    String unmentioned() {
        return parameter.required() ? "" : initial();
    }

    @Override
    Object parse(String text) {
        String written = text.strip();
        if (isNone(parameter, written)) {
            return null;
        }
        if (written.isEmpty()) {
            throw mistake(Words.of("Field.missing", label()));
        }
        if (!parameter.required() && written.equals(Texts.of(parameter.defaultValue()))) {
            return parameter.defaultValue();
        }
        Number value = isWhole ? whole(written) : decimal(written);
        requireRange(value);
        return value;
    }

    /** Also 3.0, which is how macros write what they have computed. */
    private BigInteger whole(String text) {
        try {
            return new BigDecimal(text).toBigIntegerExact();
        } catch (ArithmeticException e) {
            throw mistake(Words.of("NumberField.notWhole", label(), text));
        } catch (NumberFormatException e) {
            throw notANumber(text);
        }
    }

    private Double decimal(String text) {
        try {
            // Double.valueOf takes 1f and 0x1p3, too; people who type a letter did not mean it.
            return new BigDecimal(text).doubleValue();
        } catch (NumberFormatException e) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "nan" -> Double.NaN;
                case "infinity", "inf", "+infinity", "+inf" -> Double.POSITIVE_INFINITY;
                case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
                default -> throw notANumber(text);
            };
        }
    }

    private void requireRange(Number value) {
        Optional<Number> least = parameter.minimum();
        Optional<Number> most = parameter.maximum();
        double number = value.doubleValue();
        boolean fits = least.map(end -> number >= end.doubleValue()).orElse(true)
                && most.map(end -> number <= end.doubleValue()).orElse(true);
        if (!fits) {
            throw mistake(rangeText(least.map(Texts::number), most.map(Texts::number)));
        }
    }

    private String rangeText(Optional<String> least, Optional<String> most) {
        if (least.isEmpty()) {
            return Words.of("NumberField.atMost", label(), most.orElseThrow());
        }
        return most.map(end -> Words.of("NumberField.between", label(), least.get(), end))
                .orElseGet(() -> Words.of("NumberField.atLeast", label(), least.get()));
    }

    private AlcoveException notANumber(String text) {
        boolean hasComma = text.matches("[+-]?\\d*,\\d+");
        return mistake(hasComma
                ? Words.of("NumberField.comma", label(), text.replace(',', '.'))
                : Words.of("NumberField.notANumber", label(), text));
    }

    private AlcoveException mistake(String message) {
        return Refusal.of(message, Words.of("Field.takes", key(), parameter.summary()));
    }

    @Override
    String decode(String option) {
        String text = super.decode(option);
        // ImageJ lets macros write the name of a variable for a number.
        return text.matches("[A-Za-z_]\\w*") ? MacroOptions.variable(text).orElse(text) : text;
    }

    @Override
    String encode(String text) {
        Object value = parse(text);
        return super.encode(value == null ? ChoiceField.NONE : Texts.of(value));
    }

    @Override
    Supplier<String> add(GenericDialog dialog, String text) {
        Optional<Slider> slider = Slider.of(parameter);
        if (slider.isPresent()) {
            slider.get().add(dialog, key(), text);
        } else {
            dialog.addNumericField(key(), Double.NaN, 0, Math.max(COLUMNS, Math.min(20, text.length())), null);
        }
        dialog.getLabel().setText(caption());
        TextField field = (TextField) dialog.getNumericFields().lastElement();
        field.setName(key());
        field.setText(text); // ImageJ writes numbers with so many digits, and rounds
        return field::getText;
    }
}
