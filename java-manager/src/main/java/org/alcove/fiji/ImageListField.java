package org.alcove.fiji;

import ij.ImagePlus;
import ij.gui.GenericDialog;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.alcove.Parameter;

/** Several images, by their titles as a list in JSON; at first all that are open and that the op can take. */
final class ImageListField extends Field {
    private final Parameter parameter;
    private final Parameter item;
    private final OpenImages images;
    private final WrittenField titles;

    ImageListField(String key, Parameter parameter, OpenImages images) {
        super(key, Words.of("ImageListField.titles", label(parameter)));
        this.parameter = parameter;
        this.item = parameter.items().orElseThrow();
        this.images = images;
        this.titles = new WrittenField(key, parameter);
    }

    @Override
    String initial() {
        List<String> fitting = new ArrayList<>();
        images.all().forEach((name, image) -> {
            if (Fit.fits(item, image)) {
                fitting.add(name);
            }
        });
        return Texts.of(fitting);
    }

    @Override
    Object parse(String text) {
        if (!(titles.parse(text) instanceof List<?> names)) {
            return null;
        }
        List<ImagePlus> chosen = new ArrayList<>();
        for (Object name : names) {
            ImagePlus image = images.find(String.valueOf(name)).filter(found -> Fit.fits(item, found)).orElseThrow(() ->
                    Refusal.of(
                            Words.of("ImageListField.unfit", label(), name, Fit.wanted(item)),
                            Words.of("ImageField.known", String.join(", ", images.all().keySet()))));
            chosen.add(image);
        }
        return chosen;
    }

    @Override
    String encode(String text) {
        return titles.encode(text);
    }

    @Override
    String decode(String option) {
        return titles.decode(option);
    }

    @Override
    boolean isRemembered() {
        return false;
    }

    @Override
    Supplier<String> add(GenericDialog dialog, String text) {
        Supplier<String> typed = titles.add(dialog, text);
        dialog.getLabel().setText(caption());
        return typed;
    }
}
