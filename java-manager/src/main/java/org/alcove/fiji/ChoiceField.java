package org.alcove.fiji;

import ij.gui.GenericDialog;
import java.awt.Choice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.alcove.Parameter;

/** One of several values, by their texts. */
final class ChoiceField extends Field {
    static final String NONE = "None";

    private final Map<String, Object> values;
    private final String initial;
    private final boolean mustBeMentioned;

    private ChoiceField(String key, String label, Map<String, Object> values, String initial, boolean mustBeMentioned) {
        super(key, label);
        this.values = values;
        this.initial = initial;
        this.mustBeMentioned = mustBeMentioned;
    }

    /** One of words, the first one unless another is chosen. */
    static ChoiceField of(String key, String label, List<String> words) {
        Map<String, Object> values = new LinkedHashMap<>();
        words.forEach(word -> values.put(word, word));
        return new ChoiceField(key, label, values, words.get(0), false);
    }

    /** The choices of a parameter, none among them where it may be null; also a boolean that may be. */
    static ChoiceField of(String key, Parameter parameter) {
        Map<String, Object> values = new LinkedHashMap<>();
        if (parameter.nullable()) {
            values.put(NONE, null);
        }
        List<?> choices = parameter.type().equals("boolean") ? List.of(true, false) : parameter.choices();
        choices.forEach(choice -> values.put(String.valueOf(choice), choice));
        Object usual = parameter.defaultValue();
        String initial = parameter.required()
                ? values.keySet().iterator().next()
                : usual == null ? NONE : String.valueOf(usual);
        return new ChoiceField(key, label(parameter), values, initial, parameter.required());
    }

    @Override
    String initial() {
        return initial;
    }

    @Override
    String unmentioned() {
        return mustBeMentioned ? "" : initial;
    }

    @Override
    Object parse(String text) {
        for (Map.Entry<String, Object> choice : values.entrySet()) {
            if (choice.getKey().equals(text)) {
                return choice.getValue();
            }
        }
        // As ImageJ does: whoever writes a macro by hand need not care about capitals.
        for (Map.Entry<String, Object> choice : values.entrySet()) {
            if (choice.getKey().equalsIgnoreCase(text)) {
                return choice.getValue();
            }
        }
        throw Refusal.of(
                text.isEmpty() ? Words.of("Field.missing", label()) : Words.of("ChoiceField.unknown", label(), text),
                Words.of("ChoiceField.known", String.join(", ", values.keySet())));
    }

    @Override
    Supplier<String> add(GenericDialog dialog, String text) {
        dialog.addChoice(key(), values.keySet().toArray(String[]::new), text);
        dialog.getLabel().setText(caption());
        Choice choice = (Choice) dialog.getChoices().lastElement();
        choice.setName(key());
        return choice::getSelectedItem;
    }
}
