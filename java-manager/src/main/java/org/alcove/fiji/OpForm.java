package org.alcove.fiji;

import ij.ImagePlus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.alcove.Op;
import org.alcove.Parameter;

/** What an op asks for: a field for each input, then how outputs are to be shown, then whether it runs on each slice. */
final class OpForm {
    static final String STACK = "stack";
    private static final Parameter SWITCH = new Parameter(Map.of("name", STACK, "type", "boolean"));

    private final Op op;
    private final String title;
    private final OpenImages images;
    private final Map<Parameter, Field> inputs = new LinkedHashMap<>();
    private final Map<String, Field> shows = new LinkedHashMap<>();
    private final CheckboxField stack;

    OpForm(Op op, String title, OpenImages images) {
        this.op = op;
        this.title = title;
        this.images = images;
        Keys keys = new Keys();
        List<String> taken = new ArrayList<>();
        for (Parameter input : op.inputs()) {
            if (!isMade(input)) {
                inputs.put(input, field(keys.of(input.name()), input, taken));
            }
        }
        made(op).forEach(output -> {
            String key = keys.of(output.name() + "_as");
            List<String> ways = ShowAs.choices(output);
            if (!ways.isEmpty()) {
                shows.put(output.name(), ChoiceField.of(key, Words.of("OpForm.showAs", Field.label(output)), ways));
            }
        });
        stack = new CheckboxField(keys.of(STACK), Words.of("OpForm.stack"), true, SWITCH);
    }

    private Field field(String key, Parameter input, List<String> taken) {
        if (RegionField.isFor(input)) {
            return new RegionField(key, input, images, title);
        }
        if (input.items().map(item -> item.type().equals("array")).orElse(false)) {
            return new ImageListField(key, input, images);
        }
        return switch (input.type()) {
            case "array" -> {
                ImageField field = new ImageField(key, input, images, title, taken.isEmpty(), taken);
                taken.add(field.initial());
                yield field;
            }
            case "boolean" -> input.nullable()
                    ? ChoiceField.of(key, input)
                    : new CheckboxField(key, Field.label(input), Boolean.TRUE.equals(input.defaultValue()), input);
            case "integer", "float" -> new NumberField(key, input);
            case "choice" -> ChoiceField.of(key, input);
            case "path", "bytes" -> new FileField(key, input);
            default -> new WrittenField(key, input);
        };
    }

    /** Whether the op fills it, so that nobody is asked for it. */
    static boolean isMade(Parameter input) {
        return input.direction().orElse("").equals("out");
    }

    /** What the op makes: its outputs, and the arrays that it fills. */
    private static List<Parameter> made(Op op) {
        List<Parameter> made = new ArrayList<>(op.outputs());
        op.inputs().stream().filter(OpForm::isMade).forEach(made::add);
        return made;
    }

    Op op() {
        return op;
    }

    String title() {
        return title;
    }

    CheckboxField stack() {
        return stack;
    }

    /**
     * Refuses the command where no open image, selection or table will do for an input.
     *
     * @throws org.alcove.AlcoveException with what the op wants
     */
    void requireSources() {
        for (Field field : inputs.values()) {
            if (field instanceof ImageField image) {
                image.requireImage();
            } else if (field instanceof RegionField region) {
                region.requireSource();
            }
        }
    }

    /** All fields, in the order in which dialogs show them. */
    List<Field> fields() {
        List<Field> fields = new ArrayList<>(inputs.values());
        fields.addAll(shows.values());
        if (!imageFields().isEmpty()) {
            fields.add(stack);
        }
        return fields;
    }

    /** The fields that a dialog shows; the box for slices only where there are some. */
    List<Field> shown() {
        return fields().stream().filter(field -> field != stack || mayRepeat()).toList();
    }

    /**
     * Whether a dialog is needed. An op that takes one image and nothing else takes the active one, as ImageJ's own commands
     * do.
     */
    boolean isSettled() {
        return shown().stream().allMatch(field -> field instanceof ImageField image && image.isOfActive());
    }

    /** Whether an op's results can be seen over an image: it takes one, and makes one or what can be drawn on one. */
    boolean canBeShown() {
        return !imageFields().isEmpty()
                && Stream.concat(made(op).stream(), op.inputs().stream().filter(OpForm::isChanged))
                        .anyMatch(made -> made.type().equals("shapes") || made.role().isPresent());
    }

    private static boolean isChanged(Parameter input) {
        return input.direction().orElse("").equals("inout");
    }

    /** The fields of images. */
    List<ImageField> imageFields() {
        return inputs.values().stream()
                .filter(ImageField.class::isInstance)
                .map(ImageField.class::cast)
                .toList();
    }

    /** Whether any open image would make the op run several times, so that the dialog has a box for it. */
    boolean mayRepeat() {
        return imageFields().stream().anyMatch(field -> images.all().values().stream()
                .anyMatch(image -> Fit.fits(field.parameter(), image)
                        && !Positions.outer(field.parameter(), image).isEmpty()));
    }

    /**
     * The values of all fields.
     *
     * @throws org.alcove.AlcoveException for the first text that is none, with a message for people
     */
    Map<Field, Object> values(Function<Field, String> texts) {
        Map<Field, Object> values = new LinkedHashMap<>();
        fields().forEach(field -> values.put(field, field.parse(texts.apply(field))));
        return Collections.unmodifiableMap(values);
    }

    /** How often the op runs for the images among the values. */
    Repetition repetition(Map<Field, Object> values) {
        Map<Parameter, ImagePlus> chosen = new LinkedHashMap<>();
        inputs.forEach((parameter, field) -> {
            if (values.get(field) instanceof ImagePlus image) {
                chosen.put(parameter, image);
            }
        });
        return Repetition.of(chosen);
    }

    /** What the user wants, from values that {@link #values} gave. May read files. */
    OpRequest request(Map<Field, Object> values) {
        Map<String, Object> given = new LinkedHashMap<>();
        inputs.forEach((parameter, field) -> given.put(parameter.name(), field.finish(values.get(field))));
        Map<String, String> ways = new LinkedHashMap<>();
        shows.forEach((output, field) -> ways.put(output, (String) values.get(field)));
        return new OpRequest(op, given, ways, !Boolean.FALSE.equals(values.get(stack)));
    }
}
