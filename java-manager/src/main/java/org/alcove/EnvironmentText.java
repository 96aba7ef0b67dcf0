package org.alcove;

import java.util.List;
import java.util.Map;

/**
 * A file that describes an environment, for other programs and other machines: a lock file, or an export.
 *
 * @param members all of it, as JSON's types by the names that {@code alcove env lock --json} shows
 */
public record EnvironmentText(Map<String, Object> members) {
    /** What such a file is usually called. */
    public String fileName() {
        return String.valueOf(members.get("file_name"));
    }

    /** Its content. */
    public String text() {
        return String.valueOf(members.get("text"));
    }

    /** The platforms that a lock file is for, as conda names them: {@code linux-64}. */
    public List<String> platforms() {
        return Tree.strings(members.get("platforms"));
    }

    /** How many packages a lock file has for a platform. */
    public long packageCount(String platform) {
        return Tree.number(Tree.object(members.get("packages")).get(platform), 0);
    }
}
