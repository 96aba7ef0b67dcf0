package org.alcove;

import java.util.List;
import java.util.Map;

/**
 * A setting of the network, of channels and caches, as it holds here and now.
 *
 * @param members all of it, as JSON's types by the names that {@code alcove env settings --json} shows
 */
public record EnvironmentSetting(Map<String, Object> members) {
    /** Its key in {@code settings.toml}; empty when it can be given as a variable alone. */
    public String name() {
        return text("name");
    }

    /** The environment variable that sets it. */
    public String variable() {
        return text("variable");
    }

    /** What it is set to: a text, a number, a Boolean, a list, a map or null; without passwords. */
    public Object value() {
        return members.get("value");
    }

    /** What set it: a file with a line, a variable, or {@code default}. */
    public String source() {
        return text("source");
    }

    /** What it is for. */
    public String description() {
        return text("description");
    }

    /** The value as its variable would have it, without passwords; empty for none. */
    public String valueText() {
        return text("text");
    }

    /** Whether a variable set it: that wins over {@code settings.toml}. */
    public boolean isVariable() {
        return Boolean.TRUE.equals(members.get("is_variable")) || name().isEmpty();
    }

    /** A value of its kind, as its variable would have it; empty when it has no name. */
    public String example() {
        return text("example");
    }

    /** All values, as its variable would have them; empty when they cannot be listed. */
    public List<String> choices() {
        return Tree.list(members.get("choices")).stream().map(String::valueOf).toList();
    }

    private String text(String member) {
        return members.get(member) instanceof String text ? text : "";
    }
}
