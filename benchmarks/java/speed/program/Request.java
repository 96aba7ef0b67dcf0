package speed.program;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the runner asks for, a flat JSON object: {@code {"measure": "flight", "count": 2000, "window": 64}}.
 *
 * @param action {@code warm}, {@code measure} or {@code done}
 * @param name of the case
 * @param count how much of it; 0 where nothing is measured
 * @param parameters which of the cases of this name
 */
public record Request(String action, String name, int count, Map<String, Long> parameters) {
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\"\\s*:\\s*(?:\"(\\w+)\"|(\\d+))");

    static Request parse(String line) {
        String action = null;
        String name = null;
        long count = 0;
        Map<String, Long> parameters = new TreeMap<>();
        for (Matcher member = MEMBER.matcher(line); member.find(); ) {
            String key = member.group(1);
            if (member.group(2) != null) {
                action = key;
                name = member.group(2);
            } else if (key.equals("count")) {
                count = Long.parseLong(member.group(3));
            } else {
                parameters.put(key, Long.valueOf(member.group(3)));
            }
        }
        if (name == null) {
            throw new IllegalArgumentException("no case is named in " + line);
        }
        return new Request(action, name, Math.toIntExact(count), parameters);
    }

    /** A parameter that this case has to have. */
    public long parameter(String key) {
        Long value = parameters.get(key);
        if (value == null) {
            throw new IllegalArgumentException(name + " lacks its " + key);
        }
        return value;
    }

    /** The same case has the same key. */
    Object key() {
        return java.util.List.of(name, parameters);
    }
}
