package org.alcove.catalog;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the text of a Python file says of ops and imports, without running it. It may be wrong about ops that are declared
 * in unusual ways: then the descriptor corrects it.
 *
 * @param ops the ops, by name, as far as they are seen
 * @param imports what it imports
 * @param mentionsAlcove whether it imports {@code alcove}
 */
record Outline(List<SketchedOp> ops, List<Import> imports, boolean mentionsAlcove) {
    /**
     * An op as the text shows it.
     *
     * @param menu the levels above the title; empty where the text names none
     */
    record SketchedOp(String name, String title, List<String> menu) {}

    /**
     * One thing that a statement imports.
     *
     * @param level how many dots stand in front: 0 for none
     * @param name the dotted name; of {@code from a import b} it is {@code a.b}
     */
    record Import(int level, String name) {}

    static Outline of(String text) {
        return new Reader().read(PythonText.statements(text));
    }

    /** The sub-menus of a menu path such as {@code Segmentation>Cells}; a last one that is the title says nothing more. */
    static List<String> levels(String menu, String title) {
        List<String> levels = Stream.of(menu.split(">")).map(String::strip).filter(level -> !level.isEmpty()).toList();
        int last = levels.size() - 1;
        boolean repeats = last >= 0 && bare(levels.get(last)).equalsIgnoreCase(bare(title));
        return repeats ? levels.subList(0, last) : levels;
    }

    private static String bare(String title) {
        return title.replaceFirst("[.\u2026\\s]+$", "");
    }

    /** The title of an op whose author gave none, as Python makes it. */
    static String title(String name) {
        int first = name.isEmpty() ? 0 : name.offsetByCodePoints(0, 1);
        return name.substring(0, first).toUpperCase(Locale.ROOT) + name.substring(first).replace('_', ' ');
    }

    /** Goes through the statements in their order. */
    private static final class Reader {
        private final Map<String, SketchedOp> ops = new LinkedHashMap<>();
        private final Set<Import> imports = new LinkedHashSet<>();
        private final Set<String> decorators = new HashSet<>(Set.of("op", "alcove.op"));
        private Map<String, String> options; // of the decorator above, until its function comes

        Outline read(List<PythonText.Statement> statements) {
            for (PythonText.Statement statement : statements) {
                List<PythonText.Token> tokens = statement.tokens();
                if (statement.startsWith("import")) {
                    imported(tokens);
                } else if (statement.startsWith("from")) {
                    importedFrom(tokens);
                } else if (statement.startsWith("@")) {
                    decorated(tokens);
                } else if (statement.startsWith("def") || statement.startsWith("async")) {
                    defined(tokens);
                } else if (statement.startsWith("class")) {
                    options = null;
                }
            }
            boolean mentions = imports.stream().anyMatch(one -> (one.name() + ".").startsWith("alcove."));
            return new Outline(List.copyOf(ops.values()), List.copyOf(imports), mentions);
        }

        private void imported(List<PythonText.Token> tokens) {
            for (List<PythonText.Token> part : parts(tokens.subList(1, tokens.size()))) {
                String name = dotted(part);
                imports.add(new Import(0, name));
                if (name.equals("alcove")) {
                    decorators.add(alias(part).orElse(name) + ".op");
                }
            }
        }

        private void importedFrom(List<PythonText.Token> tokens) {
            int level = 0;
            while (level + 1 < tokens.size() && tokens.get(level + 1).is(".")) {
                level++;
            }
            List<PythonText.Token> rest = tokens.subList(level + 1, tokens.size());
            String module = rest.isEmpty() || rest.get(0).is("import") ? "" : dotted(rest);
            int names = 0;
            while (names < rest.size() && !rest.get(names).is("import")) {
                names++;
            }
            for (List<PythonText.Token> part : parts(rest.subList(Math.min(names + 1, rest.size()), rest.size()))) {
                String name = dotted(part);
                imports.add(new Import(level, module.isEmpty() ? name : module + "." + name));
                if (level == 0 && module.equals("alcove") && name.equals("op")) {
                    decorators.add(alias(part).orElse(name));
                }
            }
        }

        private void decorated(List<PythonText.Token> tokens) {
            List<PythonText.Token> rest = tokens.subList(1, tokens.size());
            if (!rest.isEmpty() && decorators.contains(dotted(rest))) {
                options = options(rest);
            }
        }

        private void defined(List<PythonText.Token> tokens) {
            int name = tokens.get(0).is("async") ? 2 : 1;
            if (options != null && name < tokens.size()) {
                SketchedOp op = sketched(tokens.get(name).text(), options);
                ops.putIfAbsent(op.name(), op);
            }
            options = null;
        }
    }

    private static SketchedOp sketched(String function, Map<String, String> options) {
        String name = options.getOrDefault("name", "").isEmpty() ? function : options.get("name");
        String title = options.getOrDefault("title", "").isEmpty() ? title(name) : options.get("title");
        return new SketchedOp(name, title, levels(options.getOrDefault("menu", ""), title));
    }

    /** The options with literal texts among the arguments of a decorator. */
    private static Map<String, String> options(List<PythonText.Token> tokens) {
        Map<String, String> options = new LinkedHashMap<>();
        int open = 0;
        while (open < tokens.size() && !tokens.get(open).is("(")) {
            open++;
        }
        for (List<PythonText.Token> part : parts(tokens.subList(open, tokens.size()))) {
            if (part.size() > 2 && part.get(1).is("=")) {
                text(part.subList(2, part.size())).ifPresent(text -> options.put(part.get(0).text(), text));
            }
        }
        return options;
    }

    /** The value of string literals side by side, which Python joins. */
    private static Optional<String> text(List<PythonText.Token> tokens) {
        StringBuilder joined = new StringBuilder();
        for (PythonText.Token token : tokens) {
            Optional<String> value = token.kind() == PythonText.Kind.STRING
                    ? StringLiteral.value(token.text())
                    : Optional.empty();
            if (value.isEmpty()) {
                return Optional.empty();
            }
            joined.append(value.get());
        }
        return Optional.of(joined.toString());
    }

    /** What commas separate, without the brackets around all of it. */
    private static List<List<PythonText.Token>> parts(List<PythonText.Token> tokens) {
        List<List<PythonText.Token>> parts = new ArrayList<>();
        List<PythonText.Token> part = new ArrayList<>();
        int depth = 0;
        boolean inBrackets = !tokens.isEmpty() && tokens.get(0).is("(");
        for (PythonText.Token token : inBrackets ? tokens.subList(1, tokens.size()) : tokens) {
            depth += token.is("(") || token.is("[") || token.is("{") ? 1 : 0;
            depth -= token.is(")") || token.is("]") || token.is("}") ? 1 : 0;
            if (depth < 0) {
                break;
            }
            if (depth == 0 && token.is(",")) {
                parts.add(part);
                part = new ArrayList<>();
            } else {
                part.add(token);
            }
        }
        parts.add(part);
        return parts.stream().filter(each -> !each.isEmpty()).toList();
    }

    /** The dotted name at the beginning. */
    private static String dotted(List<PythonText.Token> tokens) {
        StringBuilder name = new StringBuilder();
        for (PythonText.Token token : tokens) {
            boolean wantsName = name.isEmpty() || name.charAt(name.length() - 1) == '.';
            if (wantsName ? token.kind() != PythonText.Kind.NAME : !token.is(".")) {
                break;
            }
            name.append(token.text());
        }
        return name.toString();
    }

    private static Optional<String> alias(List<PythonText.Token> tokens) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).is("as")) {
                return Optional.of(tokens.get(i + 1).text());
            }
        }
        return Optional.empty();
    }
}
