package org.alcove;

import java.util.List;
import java.util.Map;

/**
 * What came out when every file of an environment was compared with what its package says.
 *
 * @param members all of it, as JSON's types by the names that {@code alcove env verify --json} shows
 */
public record EnvironmentCheck(Map<String, Object> members) {
    /**
     * A file that is not what it should be.
     *
     * @param path where it is in the environment, with slashes
     * @param packageName the package that it is from; may be empty
     * @param problem {@code missing}, {@code changed} or {@code unreadable}
     */
    public record Damage(String path, String packageName, String problem) {
        private static Damage of(Map<String, Object> members) {
            String name = Tree.string(members.get("package"));
            return new Damage(
                    String.valueOf(members.get("path")), name == null ? "" : name, String.valueOf(members.get("problem")));
        }
    }

    /** What the environment is called. */
    public String name() {
        return String.valueOf(members.get("name"));
    }

    /** How many files were looked at. */
    public long files() {
        return Tree.number(members.get("files"), 0);
    }

    /** The files that are damaged; before the repair, when there was one. */
    public List<Damage> damages() {
        return Tree.list(members.get("damaged")).stream()
                .map(each -> Damage.of(Tree.object(each)))
                .toList();
    }

    /** Whether it was repaired. */
    public boolean isRepaired() {
        return Boolean.TRUE.equals(members.get("repaired"));
    }
}
