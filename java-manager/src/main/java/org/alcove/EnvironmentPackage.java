package org.alcove;

import java.util.Map;

/**
 * A package in an environment.
 *
 * @param members all that is known of it, as JSON's types by the names that {@code alcove env show --json} shows
 */
public record EnvironmentPackage(Map<String, Object> members) {
    /** What it is called. */
    public String name() {
        return text("name");
    }

    /** Its version. */
    public String version() {
        return text("version");
    }

    /** Where it comes from: {@code conda} (a channel) or {@code pip} (a package index). */
    public String manager() {
        return text("manager");
    }

    /** Which build of that version it is, as conda names them; may be empty. */
    public String build() {
        return text("build");
    }

    /** Its licence, as it names it itself; may be empty. */
    public String license() {
        return text("license");
    }

    /** Where it was downloaded from, without passwords; may be empty. */
    public String url() {
        return text("url");
    }

    /** How large its download is, in bytes; 0 when that is not known. */
    public long sizeBytes() {
        return Tree.number(members.get("size_bytes"), 0);
    }

    private String text(String member) {
        return members.get(member) instanceof String text ? text : "";
    }
}
