package org.alcove.fiji;

import ij.plugin.frame.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tells ImageJ's recorder what was chosen, so that a macro can do it again: every key, also where the usual was chosen. */
final class Recording {
    private Recording() {}

    static void record(Map<Field, String> texts) {
        List<Field> fields = new ArrayList<>();
        texts.keySet().forEach(field -> fields.add(place(field, fields), field));
        for (Field field : fields) {
            Recorder.recordOption(field.key(), Recorder.fixString(field.encode(texts.get(field))));
        }
    }

    /**
     * Behind the others, but before any key that it is the end of: having recorded {@code sigma=2}, the recorder takes
     * {@code a=1} for a second value of the same key, and complains.
     */
    private static int place(Field field, List<Field> others) {
        for (int i = 0; i < others.size(); i++) {
            if (others.get(i).key().endsWith(field.key())) {
                return i;
            }
        }
        return others.size();
    }
}
