package org.alcove.fiji;

import ij.ImagePlus;
import ij.gui.GenericDialog;
import java.awt.Choice;
import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.alcove.AlcoveException;
import org.alcove.Parameter;

/** An image among those that are open and that the op can take. */
final class ImageField extends Field {
    private final Parameter parameter;
    private final OpenImages images;
    private final String title;
    private final boolean isFirst;
    private final List<String> fitting = new ArrayList<>();
    private final String initial;

    /**
     * @param title of the command, for messages
     * @param isFirst whether it is the command's first image, for which the active one is meant unless another is named
     * @param taken names of images that the fields before this one begin with; another is taken where there is one
     */
    ImageField(String key, Parameter parameter, OpenImages images, String title, boolean isFirst, List<String> taken) {
        super(key, label(parameter));
        this.parameter = parameter;
        this.images = images;
        this.title = title;
        this.isFirst = isFirst;
        images.all().forEach((name, image) -> {
            if (Fit.fits(parameter, image)) {
                fitting.add(name);
            }
        });
        Optional<String> free = fitting.stream().filter(name -> !taken.contains(name)).findFirst();
        boolean isNone = parameter.nullable() && !isFirst;
        this.initial = isNone ? ChoiceField.NONE : free.orElse(fitting.isEmpty() ? "" : fitting.get(0));
    }

    Parameter parameter() {
        return parameter;
    }

    /**
     * Refuses a command for which no open image will do.
     *
     * @throws AlcoveException with what the op wants
     */
    void requireImage() {
        if (fitting.isEmpty() && !parameter.nullable()) {
            throw refusal(images.active());
        }
    }

    /** Whether the op takes the image that is active. */
    boolean isOfActive() {
        return isFirst && !parameter.nullable() && images.active().isPresent() && images.find(initial).equals(images.active());
    }

    /** Whether there is nothing to choose: the one image that the op can take is the active one. */
    boolean isSettled() {
        return isOfActive() && fitting.size() == 1;
    }

    @Override
    String initial() {
        return initial;
    }

    @Override
    String unmentioned() {
        if (parameter.nullable()) {
            return ChoiceField.NONE;
        }
        if (!isFirst) {
            throw Refusal.of(Words.of("Field.missing", label()), Words.of("ImageField.hint", key()));
        }
        return images.active().map(images::name).orElseThrow(() -> refusal(Optional.empty()));
    }

    @Override
    Object parse(String text) {
        if (isNone(parameter, text)) {
            return null;
        }
        ImagePlus image = images.find(text).orElseThrow(() -> Refusal.of(
                Words.of("ImageField.unknown", label(), text),
                images.all().isEmpty()
                        ? Words.of("ImageField.noneOpen")
                        : Words.of("ImageField.known", String.join(", ", images.all().keySet()))));
        if (!Fit.fits(parameter, image)) {
            throw refusal(Optional.of(image));
        }
        return image;
    }

    private AlcoveException refusal(Optional<ImagePlus> image) {
        String wanted = Fit.wanted(parameter);
        if (!Fit.isPossible(parameter)) {
            return Refusal.of(Words.of("ImageField.impossible", title, wanted), Words.of("ImageField.impossibleHint"));
        }
        return image.map(wrong -> Refusal.of(
                        Words.of("ImageField.misfit", title, wanted, wrong.getTitle(), Fit.kind(wrong)),
                        Words.of("ImageField.misfitHint")))
                .orElseGet(() -> Refusal.of(
                        Words.of("ImageField.noImage", title, wanted), Words.of("ImageField.noImageHint", title)));
    }

    /** Titles of images mean nothing tomorrow. */
    @Override
    boolean isRemembered() {
        return false;
    }

    @Override
    Supplier<String> add(GenericDialog dialog, String text) {
        List<String> names = new ArrayList<>(fitting);
        if (parameter.nullable()) {
            names.add(0, ChoiceField.NONE);
        }
        dialog.addChoice(key(), names.toArray(String[]::new), text);
        dialog.getLabel().setText(caption());
        Choice choice = (Choice) dialog.getChoices().lastElement();
        choice.setName(key());
        if (isSettled()) {
            sayInstead(dialog, choice);
        }
        return choice::getSelectedItem;
    }

    /** One choice is none: what the image is stands in its place. */
    private void sayInstead(GenericDialog dialog, Choice choice) {
        GridBagConstraints place = ((GridBagLayout) dialog.getLayout()).getConstraints(choice);
        dialog.remove(choice);
        ImagePlus image = images.active().orElseThrow();
        Label label = new Label(Words.of("ImageField.settled", image.getTitle(), Fit.kind(image)));
        label.setName(key());
        dialog.add(label, place);
    }
}
