package org.alcove.fiji;

import ij.gui.GenericDialog;
import java.awt.Checkbox;
import java.util.function.Supplier;
import org.alcove.AlcoveException;
import org.alcove.Parameter;

/** Yes or no. In macros {@code fill} alone means yes, and what is not mentioned is as it is at first. */
final class CheckboxField extends Field {
    private final Parameter parameter;
    private final boolean initial;

    CheckboxField(String key, String label, boolean initial, Parameter parameter) {
        super(key, label);
        this.initial = initial;
        this.parameter = parameter;
    }

    @Override
    String initial() {
        return String.valueOf(initial);
    }

    @Override
    Object parse(String text) {
        try {
            return parameter.parse(text);
        } catch (AlcoveException e) {
            throw Refusal.of(Words.of("CheckboxField.unknown", label(), text), Words.of("CheckboxField.known"));
        }
    }

    @Override
    Supplier<String> add(GenericDialog dialog, String text) {
        arrange(dialog);
        dialog.addCheckbox(key(), (Boolean) parse(text));
        Checkbox checkbox = (Checkbox) dialog.getCheckboxes().lastElement();
        checkbox.setLabel(label());
        checkbox.setName(key());
        return () -> String.valueOf(checkbox.getState());
    }

    /** As close to the field above as another field would be: ImageJ puts a gap above the first box. */
    static void arrange(GenericDialog dialog) {
        dialog.setInsets(2, 20, 2);
    }
}
