package org.alcove.fiji;

import java.util.List;
import org.alcove.Parameter;

/** In which ways an output can be shown, in the words that macros have for them. */
final class ShowAs {
    static final String IMAGE = "image";
    static final String OVERLAY = "overlay";
    static final String ROI_MANAGER = "ROI Manager";
    static final String SELECTION = "selection";
    static final String TABLE = "table";

    private ShowAs() {}

    /** The ways for an output, or for an array that the op fills, the usual one first; empty where there is but one. */
    static List<String> choices(Parameter output) {
        if (output.type().equals("shapes")) {
            return List.of(OVERLAY, ROI_MANAGER);
        }
        return switch (output.role().orElse("")) {
            case "labels", "mask" -> List.of(IMAGE, OVERLAY, ROI_MANAGER);
            case "points" -> List.of(OVERLAY, SELECTION, ROI_MANAGER, TABLE);
            case "vectors" -> List.of(OVERLAY, ROI_MANAGER);
            case "tracks" -> List.of(OVERLAY, ROI_MANAGER, TABLE);
            default -> List.of();
        };
    }
}
