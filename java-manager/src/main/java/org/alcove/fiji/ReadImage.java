package org.alcove.fiji;

import ij.ImagePlus;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.alcove.Alcove;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.Parameter;
import org.alcove.SharedArray;

/**
 * An image, or the part of it that an op gets, as an array.
 *
 * @param fixed where the part is; everywhere along the axes that the op gets as a whole
 */
record ReadImage(Parameter parameter, ImagePlus image, Position fixed, Appearance before, SharedArray array) {
    /** One at a time reads an image: the lock of ImageJ refuses who comes second instead of letting him wait. */
    private static final Map<ImagePlus, Object> READING = new WeakHashMap<>();

    /**
     * Reads it while it is locked, so that no filter of ImageJ's changes it meanwhile.
     *
     * @param eachPosition whether all positions along axes that the op does not know are read, or the visible one
     * @throws org.alcove.AlcoveException {@code invalid_params} when another command has it, or it has no pixels
     */
    static ReadImage of(Alcove alcove, Parameter parameter, ImagePlus image, boolean eachPosition) {
        Object reading;
        synchronized (READING) {
            reading = READING.computeIfAbsent(image, key -> new Object());
        }
        synchronized (reading) {
            if (!image.lockSilently()) {
                throw Refusal.of(Words.of("ReadImage.locked", image.getTitle()), Words.of("ReadImage.lockedHint"));
            }
            try {
                Position fixed = eachPosition ? Position.EVERYWHERE : visible(parameter, image);
                Appearance before = Appearance.of(image);
                refuseToChangeVirtual(parameter, image);
                SharedArray array = new Sharing(image, fixed).share(alcove);
                return new ReadImage(parameter, image, fixed, before, asWanted(alcove, parameter, image, array));
            } finally {
                image.unlock();
            }
        }
    }

    /** Where the user looks, along the axes that the op does not know. */
    private static Position visible(Parameter parameter, ImagePlus image) {
        Position fixed = Position.EVERYWHERE;
        for (String axis : Positions.outer(parameter, image)) {
            fixed = switch (axis) {
                case "c" -> fixed.at(axis, image.getC());
                case "z" -> fixed.at(axis, image.getSlice());
                case "t" -> fixed.at(axis, image.getFrame());
                default -> fixed;
            };
        }
        return fixed;
    }

    private static void refuseToChangeVirtual(Parameter parameter, ImagePlus image) {
        if (parameter.direction().isPresent() && image.getStackSize() > 1 && image.getStack().isVirtual()) {
            throw Refusal.of(Words.of("ReadImage.virtual", image.getTitle()), Words.of("ReadImage.virtualHint"));
        }
    }

    /** ImageJ has no masks and no labels beyond 16 bits: they are 0 and 255, and whole numbers among floats. */
    private static SharedArray asWanted(Alcove alcove, Parameter parameter, ImagePlus image, SharedArray array) {
        String role = parameter.role().orElse("");
        if (role.equals("mask") && array.dtype() == DType.UINT8) {
            return replaced(alcove, array, DType.BOOL);
        } else if (role.equals("labels") && array.dtype() == DType.FLOAT32) {
            return replaced(alcove, array, DType.UINT32);
        }
        return array;
    }

    private static SharedArray replaced(Alcove alcove, SharedArray array, DType dtype) {
        try (array) {
            SharedArray changed = alcove.allocate(dtype, array.axes(), array.shape());
            Elements.forEachInParallel(array, (first, elements, count) -> changed.copyFrom(first, converted(elements)));
            return changed;
        }
    }

    private static Object converted(Object elements) {
        if (elements instanceof byte[] bytes) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (bytes[i] == 0 ? 0 : 1);
            }
            return bytes;
        }
        float[] floats = (float[]) elements;
        int[] labels = new int[floats.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (int) floats[i];
        }
        return labels;
    }

    /** The axes that the op does not know, in the array's order. */
    List<Axis> outer() {
        List<String> known = known();
        return array.axes().stream().filter(axis -> !known.contains(axis.name())).toList();
    }

    /** Those that it does know. */
    List<Axis> inner() {
        List<String> known = known();
        return array.axes().stream().filter(axis -> known.contains(axis.name())).toList();
    }

    private List<String> known() {
        return parameter.axes().isEmpty()
                ? array.axes().stream().map(Axis::name).toList()
                : Positions.known(parameter);
    }

    long size(Axis axis) {
        return array.shape()[array.axes().indexOf(axis)];
    }
}
