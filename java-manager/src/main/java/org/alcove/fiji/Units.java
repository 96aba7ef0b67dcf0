package org.alcove.fiji;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Units as people write them in ImageJ, and as axes name them, which is OME-NGFF's way: {@code micrometer}. */
final class Units {
    private static final Map<String, String> SYMBOLS = Map.ofEntries(
            Map.entry("kilometer", "km"),
            Map.entry("meter", "m"),
            Map.entry("centimeter", "cm"),
            Map.entry("millimeter", "mm"),
            Map.entry("micrometer", "\u00b5m"),
            Map.entry("nanometer", "nm"),
            Map.entry("angstrom", "\u00c5"),
            Map.entry("picometer", "pm"),
            Map.entry("inch", "inch"),
            Map.entry("hour", "h"),
            Map.entry("minute", "min"),
            Map.entry("second", "sec"),
            Map.entry("millisecond", "ms"),
            Map.entry("microsecond", "\u00b5s"),
            Map.entry("nanosecond", "ns"));
    private static final Map<String, String> NAMES = names();
    private static final Set<String> NONE = Set.of("", "pixel", "pixels", "px", "reference frame", "frame", "frames");

    private Units() {}

    /** The name of a unit written in whatever way, null for pixels or nothing; an unknown unit keeps its own text. */
    static String name(String text) {
        String plain = text == null ? "" : text.strip();
        String lower = plain.toLowerCase(Locale.ROOT).replace("metre", "meter");
        if (NONE.contains(lower)) {
            return null;
        }
        // Case tells units apart, as millimetres and megametres: what is written exactly comes first.
        return NAMES.getOrDefault(plain, NAMES.getOrDefault(lower, plain));
    }

    /** How ImageJ writes the unit of this name; the name itself where it is unknown. */
    static String symbol(String name) {
        return SYMBOLS.getOrDefault(name, name);
    }

    private static Map<String, String> names() {
        Map<String, String> names = new HashMap<>();
        SYMBOLS.forEach((name, symbol) -> {
            names.put(symbol, name);
            names.put(name, name);
            names.put(name + "s", name);
        });
        names.put("um", "micrometer");
        names.put("\u03bcm", "micrometer");
        names.put("micron", "micrometer");
        names.put("microns", "micrometer");
        names.put("us", "microsecond");
        names.put("\u03bcs", "microsecond");
        names.put("s", "second");
        names.put("msec", "millisecond");
        names.put("hr", "hour");
        names.put("in", "inch");
        names.put("inches", "inch");
        return Map.copyOf(names);
    }
}
