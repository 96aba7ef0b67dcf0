package org.alcove;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What an update of an environment changes, or would change.
 *
 * @param members all of it, as JSON's types by the names that {@code alcove env update --json} shows
 */
public record EnvironmentUpdate(Map<String, Object> members) {
    /**
     * One package.
     *
     * @param kind what happens to it
     * @param name what it is called
     * @param manager where it comes from: {@code conda} or {@code pip}
     * @param from its version before; empty when it is new
     * @param to its version afterwards; empty when it goes
     */
    public record Change(Kind kind, String name, String manager, String from, String to) {
        private static Change of(Map<String, Object> members) {
            return new Change(
                    Kind.ofWord(text(members, "change")),
                    text(members, "name"),
                    text(members, "manager"),
                    text(members, "from"),
                    text(members, "to"));
        }

        private static String text(Map<String, Object> members, String member) {
            return members.get(member) instanceof String text ? text : "";
        }
    }

    /** What can happen to a package. */
    public enum Kind {
        /** It was not there before. */
        ADDED,
        /** It goes. */
        REMOVED,
        /** It gets a later version. */
        UPGRADED,
        /** It gets an earlier version. */
        DOWNGRADED,
        /** It keeps its version and gets another file: another build, or from elsewhere. */
        REBUILT;

        private static Kind ofWord(String word) {
            for (Kind kind : values()) {
                if (kind.name().equals(word.toUpperCase(Locale.ROOT))) {
                    return kind;
                }
            }
            return REBUILT;
        }
    }

    /** What the environment is called. */
    public String name() {
        return String.valueOf(members.get("name"));
    }

    /** Whether anything changes at all. */
    public boolean isChange() {
        return Boolean.TRUE.equals(members.get("changed"));
    }

    /** The packages that change, by name. */
    public List<Change> changes() {
        return Tree.list(members.get("changes")).stream()
                .map(each -> Change.of(Tree.object(each)))
                .toList();
    }

    /** How much has to be downloaded, in bytes; 0 when that is not known. */
    public long downloadBytes() {
        return Tree.number(members.get("download_bytes"), 0);
    }

    /** Whether the version before is still there, because workers run in it. */
    public boolean isOldKept() {
        return Boolean.TRUE.equals(members.get("kept_old"));
    }
}
