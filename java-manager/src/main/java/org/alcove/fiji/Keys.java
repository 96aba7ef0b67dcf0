package org.alcove.fiji;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** The words by which macros name what a command takes. ImageJ makes them small letters, and they end at a blank. */
final class Keys {
    private final Set<String> taken = new HashSet<>();

    /** A key for a name, as much like it as can be, that no other name of this command has got. */
    String of(String name) {
        String wish = name.toLowerCase(Locale.US).replaceAll("[\\s=:\\[\\]'\"&]", "_");
        String key = wish;
        for (int count = 2; !taken.add(key); count++) {
            key = wish + "_" + count;
        }
        return key;
    }
}
