package org.alcove;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What cleaning removes, or would remove.
 *
 * @param members all of it, as JSON's types by the names that {@code alcove env clean --json} shows
 */
public record EnvironmentCleanup(Map<String, Object> members) {
    /**
     * Something that goes.
     *
     * @param kind {@code environment}, {@code version} (an earlier one of an environment that stays), {@code cache} or
     *     {@code leftover} (of something that ended too early)
     * @param name the environment or the cache
     * @param path where it is
     * @param bytes what that frees
     * @param reason why it can go, for people
     */
    public record Item(String kind, String name, Path path, long bytes, String reason) {
        private static Item of(Map<String, Object> members) {
            return new Item(
                    String.valueOf(members.get("kind")),
                    String.valueOf(members.get("name")),
                    Path.of(String.valueOf(members.get("path"))),
                    Tree.number(members.get("bytes"), 0),
                    members.get("reason") instanceof String reason ? reason : "");
        }
    }

    /** What goes. */
    public List<Item> items() {
        return Tree.list(members.get("items")).stream()
                .map(each -> Item.of(Tree.object(each)))
                .toList();
    }

    /** What that frees, in bytes. */
    public long freedBytes() {
        return Tree.number(members.get("freed_bytes"), 0);
    }
}
