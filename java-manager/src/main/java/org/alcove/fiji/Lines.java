package org.alcove.fiji;

import java.util.ArrayList;
import java.util.List;

/** A sentence on the two lines that a dialog has for it. */
final class Lines {
    static final int COUNT = 2;
    private static final int LETTERS = 56;

    private Lines() {}

    /** Exactly two lines, empty ones too, the last one cut where the text is longer. */
    static List<String> wrap(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+")) {
            if (line.length() > 0 && line.length() + 1 + word.length() > LETTERS) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        if (lines.size() > COUNT) {
            lines.set(COUNT - 1, lines.get(COUNT - 1) + " …");
        }
        while (lines.size() < COUNT) {
            lines.add("");
        }
        return lines.subList(0, COUNT).stream().map(Lines::shortened).toList();
    }

    private static String shortened(String words) {
        return words.length() <= LETTERS + 2 ? words : words.substring(0, LETTERS) + " …";
    }
}
