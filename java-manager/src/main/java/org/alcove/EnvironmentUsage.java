package org.alcove;

import java.util.Map;

/**
 * How much room environments and caches take. A file counts once however many names it has.
 *
 * @param members all of it, as JSON's types by the names that {@code alcove env usage --json} shows
 */
public record EnvironmentUsage(Map<String, Object> members) {
    /** What all environments take together, in bytes. */
    public long environmentsBytes() {
        return Tree.number(members.get("environments_bytes"), 0);
    }

    /** What the caches take, in bytes. */
    public long cachesBytes() {
        return Tree.number(members.get("caches_bytes"), 0);
    }

    /** What both take together, in bytes: less than their sum, as environments link files from caches. */
    public long totalBytes() {
        return Tree.number(members.get("total_bytes"), 0);
    }
}
