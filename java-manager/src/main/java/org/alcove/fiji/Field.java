package org.alcove.fiji;

import ij.gui.GenericDialog;
import java.util.function.Supplier;
import org.alcove.Parameter;

/** One thing that a command asks for. Dialogs and macros hand it over as a text, which means the same in both. */
abstract class Field {
    private final String key;
    private final String label;

    /**
     * @param key what macros call it
     * @param label what dialogs call it
     */
    Field(String key, String label) {
        this.key = key;
        this.label = label;
    }

    final String key() {
        return key;
    }

    final String label() {
        return label;
    }

    /** What stands in the dialog at first. */
    abstract String initial();

    /**
     * What holds in a macro that does not mention it.
     *
     * @throws org.alcove.AlcoveException when a macro has to
     */
    String unmentioned() {
        return initial();
    }

    /**
     * The value that a text stands for.
     *
     * @throws org.alcove.AlcoveException when it is none, with a message that names the field
     */
    abstract Object parse(String text);

    /**
     * What an op gets for a value that {@link #parse} gave. Unlike that one it may read files, so it is not called on the event
     * thread.
     */
    Object finish(Object value) {
        return value;
    }

    /** Adds itself to a dialog, holding a text; the result gives the text that it holds then. */
    abstract Supplier<String> add(GenericDialog dialog, String text);

    /** A text as it stands in macros. */
    String encode(String text) {
        return MacroOptions.encode(text);
    }

    /** The text that stands in a macro. */
    String decode(String option) {
        return MacroOptions.decode(option);
    }

    /** Whether the next dialog begins with what was chosen in this one. */
    boolean isRemembered() {
        return true;
    }

    /** The label that goes before a control. */
    final String caption() {
        return label + ":";
    }

    /** Label and unit of a parameter; its name, made readable, where it has no label. */
    static String label(Parameter parameter) {
        String name = parameter.label().filter(label -> !label.isBlank()).orElseGet(() -> readable(parameter.name()));
        String withUnit = parameter.unit().map(unit -> Words.of("Field.withUnit", name, unit)).orElse(name);
        return parameter.nullable() && !parameter.type().equals("boolean") && !parameter.type().equals("choice")
                ? Words.of("Field.optional", withUnit)
                : withUnit;
    }

    /** {@code minimum_area} as Minimum area. */
    static String readable(String name) {
        String words = name.replace('_', ' ').strip();
        return words.isEmpty() ? name : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    /** Whether the text says that there is nothing, where that is allowed. */
    static boolean isNone(Parameter parameter, String text) {
        return parameter.nullable() && (text.isBlank() || text.equals(ChoiceField.NONE));
    }
}
