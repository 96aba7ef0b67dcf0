package org.alcove.fiji;

import ij.ImagePlus;
import ij.gui.Roi;

/** Where in an image something is; counted from 1, and 0 where it is the same along the whole axis. */
record Position(int channel, int slice, int frame) {
    static final Position EVERYWHERE = new Position(0, 0, 0);

    /** The same place along the other axes; an axis that ImageJ does not have changes nothing. */
    Position at(String axis, int place) {
        return switch (axis) {
            case "c" -> new Position(place, slice, frame);
            case "z" -> new Position(channel, place, frame);
            case "t" -> new Position(channel, slice, place);
            default -> this;
        };
    }

    /** The position of one image of a stack, by its number. */
    static Position of(ImagePlus image, int index) {
        int[] place = image.convertIndexToPosition(index);
        return new Position(place[0], place[1], place[2]);
    }

    /** The number of the image in a stack; an axis along which it is everywhere counts as its first place. */
    int index(ImagePlus image) {
        return image.getStackIndex(Math.max(1, channel), Math.max(1, slice), Math.max(1, frame));
    }

    /** Lets a region be seen at this position of the image alone. */
    void give(Roi roi, ImagePlus image) {
        Position within = new Position(
                image.getNChannels() == 1 ? 0 : channel,
                image.getNSlices() == 1 ? 0 : slice,
                image.getNFrames() == 1 ? 0 : frame);
        if (within.equals(EVERYWHERE)) {
            return;
        }
        // ImageJ asks hyperstacks for three numbers, and all other stacks for one.
        if (image.isHyperStack() || image.getNChannels() > 1) {
            roi.setPosition(within.channel, within.slice, within.frame);
        } else {
            roi.setPosition(within.index(image));
        }
    }
}
