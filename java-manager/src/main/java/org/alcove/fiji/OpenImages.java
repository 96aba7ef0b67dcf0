package org.alcove.fiji;

import ij.ImagePlus;
import ij.WindowManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The images that were open when a command began, the active one first. */
final class OpenImages {
    private final Map<String, ImagePlus> byName = new LinkedHashMap<>();
    private final ImagePlus active;

    private OpenImages(ImagePlus active) {
        this.active = active;
    }

    /** Those that are open now, as this thread sees them: a macro in batch mode has images without windows. */
    static OpenImages now() {
        ImagePlus active = WindowManager.getCurrentImage();
        OpenImages images = new OpenImages(active);
        List<ImagePlus> all = new ArrayList<>();
        if (active != null) {
            all.add(active);
        }
        int[] numbers = WindowManager.getIDList();
        for (int i = 0; numbers != null && i < numbers.length; i++) {
            ImagePlus image = WindowManager.getImage(numbers[i]);
            if (image != null && !all.contains(image)) {
                all.add(image);
            }
        }
        all.forEach(images::add);
        return images;
    }

    /** ImageJ itself gives no two windows the same title, but macros may. */
    private void add(ImagePlus image) {
        String name = image.getTitle();
        for (int count = 2; byName.putIfAbsent(name, image) != null; count++) {
            name = image.getTitle() + " #" + count;
        }
    }

    Optional<ImagePlus> active() {
        return Optional.ofNullable(active);
    }

    /** All images by the names that choosers have for them. */
    Map<String, ImagePlus> all() {
        return byName;
    }

    /** The image of a name, or of ImageJ's number for it; the active one of several. */
    Optional<ImagePlus> find(String name) {
        if (byName.containsKey(name)) {
            return Optional.of(byName.get(name));
        }
        return name.matches("-\\d{1,9}")
                ? byName.values().stream().filter(image -> image.getID() == Integer.parseInt(name)).findFirst()
                : Optional.empty();
    }

    /** What choosers call an image that is open. */
    String name(ImagePlus image) {
        return byName.entrySet().stream()
                .filter(entry -> entry.getValue() == image)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(image::getTitle);
    }
}
