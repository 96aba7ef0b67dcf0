package org.alcove.fiji;

import ij.gui.GenericDialog;
import java.awt.TextField;
import java.util.Set;
import java.util.function.Supplier;
import org.alcove.AlcoveException;
import org.alcove.Parameter;

/** What is typed: a text, a complex number, or a list or an object in JSON. */
final class WrittenField extends Field {
    private static final Set<String> JSON = Set.of("list", "object", "any");
    private static final int COLUMNS = 20;
    private static final int MOST_COLUMNS = 40;

    private final Parameter parameter;
    private final boolean isJson;

    WrittenField(String key, Parameter parameter) {
        super(key, label(parameter));
        this.parameter = parameter;
        this.isJson = JSON.contains(parameter.type());
    }

    @Override
    String initial() {
        return parameter.required() ? "" : Texts.of(parameter.defaultValue());
    }

    @Override
    Object parse(String text) {
        if (!parameter.required() && text.equals(initial())) {
            return parameter.defaultValue();
        }
        if (isNone(parameter, text)) {
            return null;
        }
        if (parameter.type().equals("string")) {
            return text;
        }
        if (text.isBlank()) {
            throw Refusal.of(Words.of("Field.missing", label()), hint());
        }
        try {
            return parameter.parse(text.strip());
        } catch (AlcoveException e) {
            throw Refusal.of(Words.of("WrittenField.unfit", label(), text), hint());
        }
    }

    private String hint() {
        return Words.of("Field.takes", key(), parameter.summary());
    }

    @Override
    String encode(String text) {
        return isJson && !text.isBlank() ? MacroOptions.encodeJson(text) : super.encode(text);
    }

    @Override
    String decode(String option) {
        return isJson ? option : super.decode(option);
    }

    @Override
    Supplier<String> add(GenericDialog dialog, String text) {
        dialog.addStringField(key(), text, Math.max(COLUMNS, Math.min(MOST_COLUMNS, text.length())));
        dialog.getLabel().setText(caption());
        TextField field = (TextField) dialog.getStringFields().lastElement();
        field.setName(key());
        // A field of one line makes blanks of line ends; untouched, the text is what it was.
        String shown = field.getText();
        return () -> field.getText().equals(shown) ? text : field.getText();
    }
}
