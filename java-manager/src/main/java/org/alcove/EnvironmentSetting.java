package org.alcove;

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

    private String text(String member) {
        return members.get(member) instanceof String text ? text : "";
    }
}
