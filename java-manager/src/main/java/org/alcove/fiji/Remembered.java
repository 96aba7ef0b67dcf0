package org.alcove.fiji;

import ij.Prefs;
import java.util.Map;
import org.alcove.AlcoveException;
import org.alcove.Op;

/** What was chosen for an op last time, in ImageJ's preferences, which it writes when it quits. */
final class Remembered {
    private final String prefix;

    Remembered(Op op) {
        String file = op.file().map(path -> String.valueOf(path.getFileName())).orElse("");
        prefix = "alcove." + file + "." + op.name() + ".";
    }

    /** The text that a dialog begins with: that of last time where it still means something, else the usual one. */
    String text(Field field) {
        String text = field.isRemembered() ? Prefs.get(prefix + field.key(), null) : null;
        return text != null && means(field, text) ? text : field.initial();
    }

    private static boolean means(Field field, String text) {
        try {
            field.parse(text);
            return true;
        } catch (AlcoveException e) {
            return false;
        }
    }

    void save(Map<Field, String> texts) {
        texts.forEach((field, text) -> {
            if (field.isRemembered()) {
                Prefs.set(prefix + field.key(), text);
            }
        });
    }
}
