package org.alcove.fiji;

import ij.Macro;
import ij.plugin.frame.Recorder;
import java.awt.GraphicsEnvironment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alcove.Alcove;
import org.alcove.Op;
import org.alcove.Parameter;

/** Asks for what an op needs: the macro that runs the command, else the user in a dialog. */
final class OpDialog {
    private OpDialog() {}

    /**
     * What to do, from the options of the macro that runs in this thread, else from a dialog. Without a screen and without a
     * macro everything is as usual. Blocks until it is answered; not for the event thread.
     *
     * @param alcove where previews run
     * @param title what the command is called, without dots
     * @return empty when the user cancelled
     * @throws org.alcove.AlcoveException {@code invalid_params} when no open image fits, or a macro asks for what cannot be
     */
    static Optional<OpRequest> ask(Alcove alcove, Op op, String title) {
        OpForm form = new OpForm(op, title, OpenImages.now());
        String options = Macro.getOptions();
        if (options == null && !GraphicsEnvironment.isHeadless()) {
            form.requireSources();
            return new FormDialog(alcove, form).ask();
        }
        Map<Field, String> texts = texts(form, options == null ? "" : options);
        OpRequest request = form.request(form.values(texts::get));
        if (Recorder.record && Recorder.recordInMacros) {
            Recording.record(texts);
        }
        return Optional.of(request);
    }

    /**
     * Makes the first dialog come as fast as the others. Meant for a thread in the background, after ImageJ has started; does
     * nothing where there is no screen.
     */
    static void warmUp() {
        if (!GraphicsEnvironment.isHeadless()) {
            FormDialog.warmUp();
        }
    }

    private static Map<Field, String> texts(OpForm form, String options) {
        Set<String> keys = form.fields().stream().map(Field::key).collect(Collectors.toSet());
        Map<String, String> given = MacroOptions.read(options, keys);
        Map<Field, String> texts = new LinkedHashMap<>();
        for (Field field : form.fields()) {
            String option = given.get(field.key());
            texts.put(field, option == null ? field.unmentioned() : field.decode(option));
        }
        return texts;
    }

    /** Whether the command of an op asks for anything but the image that is active, so that its title ends in dots. */
    static boolean asks(Map<String, Object> descriptor) {
        List<Parameter> inputs = parameters(descriptor.get("inputs"));
        boolean hasImagesAlone = inputs.stream()
                .allMatch(input -> input.type().equals("array") && !RegionField.isFor(input));
        long images = inputs.stream().filter(input -> !OpForm.isMade(input)).count();
        boolean hasWays = Stream.concat(
                        parameters(descriptor.get("outputs")).stream(), inputs.stream().filter(OpForm::isMade))
                .anyMatch(made -> !ShowAs.choices(made).isEmpty());
        return !hasImagesAlone || images > 1 || hasWays;
    }

    private static List<Parameter> parameters(Object members) {
        List<Parameter> parameters = new ArrayList<>();
        for (Object member : (Collection<?>) members) {
            Map<String, Object> descriptor = new LinkedHashMap<>();
            ((Map<?, ?>) member).forEach((name, value) -> descriptor.put(String.valueOf(name), value));
            parameters.add(new Parameter(descriptor));
        }
        return parameters;
    }
}
