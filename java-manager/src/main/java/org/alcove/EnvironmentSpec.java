package org.alcove;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What an environment shall hold: from an op file's header, from a file that conda, pip, uv or pixi know, from a list of
 * packages, or a Python that is there already.
 *
 * @param name what the environment is called, and the folder that it is in: who asks for the same under one name shares it
 * @param engine what makes it: {@code auto} (the default: {@code rattler} where conda packages are asked for, else {@code
 *     uv}), {@code rattler}, {@code uv}, {@code micromamba}, or {@code existing} for a Python that Alcove never changes
 * @param format what the text is: {@code script} (the TOML of a PEP 723 header), {@code environment.yml}, {@code
 *     requirements.txt}, {@code pyproject.toml}, {@code pixi.toml}, {@code conda-lock.yml}, {@code pixi.lock} or {@code
 *     pylock.toml}
 * @param text the content; of a header without its comment signs, of an existing Python the path
 * @param firstLine the line of the file on which the text begins, from 1; 0 when there is no file
 * @param source the file that it was read from, for messages and what stands relative to it; null when there is none
 * @param variant which of its variants is wanted: {@code auto} (what the machine has decides), {@code gpu} or {@code cpu}
 */
public record EnvironmentSpec(
        String name, String engine, String format, String text, int firstLine, Path source, String variant) {
    static final String EXISTING = "existing";
    private static final String AUTO = "auto";
    private static final String SCRIPT = "script";
    private static final int MAX_STEM_LENGTH = 40;

    /**
     * What an op file asks for in its PEP 723 header; a file without one asks for a bare Python.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when the file cannot be read
     */
    public static EnvironmentSpec fromOpFile(Path file) {
        OpSource.file(file);
        EnvironmentFile.Header header = EnvironmentFile.header(file);
        return of(file, SCRIPT, header.text(), header.firstLine());
    }

    /**
     * What a file asks for. Its format is known by its name ({@code environment.yml}, {@code requirements-gpu.txt}, {@code
     * pyproject.toml}, {@code pixi.toml}, {@code conda-lock.yml}, {@code pixi.lock}, {@code pylock.toml}, an op file's
     * {@code .py}), else by its content.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when the file cannot be read, {@link
     *     ErrorKind#ENVIRONMENT_FAILED} with the cause {@code spec_invalid} when it is of none of these formats
     */
    public static EnvironmentSpec fromFile(Path file) {
        if (file.toString().endsWith(".py")) {
            return fromOpFile(file);
        }
        String text = EnvironmentFile.read(file);
        return of(file, EnvironmentFile.format(file, text), text, 1).withName(nameFor(file, EnvironmentFile.content(file)));
    }

    /**
     * An environment with these packages and what they need, called after the first of them.
     *
     * @param conda conda packages, as conda's own commands take them: {@code numpy>=1.26}
     * @param pip Python packages, as pip takes them: {@code scikit-image>=0.22}
     * @param channels where conda packages come from, names or URLs; when empty, conda-forge
     * @param python the versions of Python that will do, {@code 3.12} or {@code >=3.10}; empty when any will
     */
    public static EnvironmentSpec ofPackages(
            List<String> conda, List<String> pip, List<String> channels, String python) {
        StringBuilder text = new StringBuilder();
        if (!python.isBlank()) {
            String range = python.strip().matches("\\d+(\\.\\d+)*") ? "==" + python.strip() + ".*" : python.strip();
            text.append("requires-python = ").append(EnvironmentFile.toml(range)).append('\n');
        }
        text.append("dependencies = ").append(EnvironmentFile.toml(pip)).append('\n');
        if (!conda.isEmpty() || !channels.isEmpty()) {
            text.append("[tool.alcove]\n");
            text.append("conda = ").append(EnvironmentFile.toml(conda)).append('\n');
            if (!channels.isEmpty()) {
                text.append("channels = ").append(EnvironmentFile.toml(channels)).append('\n');
            }
        }
        String first = Stream.concat(conda.stream(), pip.stream()).findFirst().orElse("python");
        String stem = first.replaceFirst("^.*::", "").split("[^A-Za-z0-9_.-]", 2)[0];
        return new EnvironmentSpec(nameFor(stem, utf8(text.toString())), AUTO, SCRIPT, text.toString(), 0, null, AUTO);
    }

    /**
     * A Python that is there already; it is used as it is and never changed.
     *
     * @param python the interpreter, or the folder of a conda or virtual environment
     */
    public static EnvironmentSpec existing(Path python) {
        Path interpreter = interpreter(python.toAbsolutePath());
        String path = interpreter.toString();
        return new EnvironmentSpec(nameFor(interpreter, utf8(path)), EXISTING, SCRIPT, path, 0, interpreter, AUTO);
    }

    /** The same under another name. */
    public EnvironmentSpec withName(String other) {
        return new EnvironmentSpec(other, engine, format, text, firstLine, source, variant);
    }

    /** The same, made by another engine. */
    public EnvironmentSpec withEngine(String other) {
        return new EnvironmentSpec(name, other, format, text, firstLine, source, variant);
    }

    /** The same in the variant {@code gpu} or {@code cpu}, an environment of its own whose name ends with that word. */
    public EnvironmentSpec withVariant(String other) {
        if (other.equals(variant)) {
            return this;
        }
        String base = variant.equals(AUTO) ? name : name.replaceFirst("-" + variant + "$", "");
        return new EnvironmentSpec(
                other.equals(AUTO) ? base : base + "-" + other, engine, format, text, firstLine, source, other);
    }

    Map<String, Object> toValue() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("name", name);
        value.put("engine", engine);
        value.put("format", format);
        value.put("text", text);
        value.put("source", source == null ? "" : source.toString());
        if (firstLine > 0) {
            value.put("first_line", firstLine);
        }
        value.put("variant", variant);
        return value;
    }

    /** The TOML of the header when this was read from an op file, else nothing. */
    String header() {
        return format.equals(SCRIPT) && !engine.equals(EXISTING) ? text : "";
    }

    private static EnvironmentSpec of(Path file, String format, String text, int firstLine) {
        Path source = file.toAbsolutePath().normalize();
        return new EnvironmentSpec(nameFor(source, utf8(text)), AUTO, format, text, firstLine, source, AUTO);
    }

    private static Path interpreter(Path python) {
        return Stream.of("bin/python", "Scripts/python.exe", "python.exe")
                .map(python::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElse(python);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Good for a folder on every platform. The Python side names the environment of a shared file in the same way. */
    private static String nameFor(Path file, byte[] content) {
        return nameFor(file.getFileName().toString().replaceFirst("\\.[^.]*$", ""), content);
    }

    private static String nameFor(String stem, byte[] content) {
        String clean = stem.replaceAll("[^A-Za-z0-9_-]", "_");
        return clean.substring(0, Math.min(clean.length(), MAX_STEM_LENGTH)) + "-"
                + EnvironmentFile.digest(content).substring(0, 8);
    }
}
