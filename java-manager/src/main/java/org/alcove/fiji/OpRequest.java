package org.alcove.fiji;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alcove.Op;

/**
 * What the user, or a macro, wants an op to do.
 *
 * @param op the op
 * @param inputs by parameter name. Numbers, texts and the like as {@link Op#call} takes them; for an array that is an image
 *     the ImagePlus, for a list of images a List of these; for points, vectors and shapes a Roi, a List of Rois or a
 *     ResultsTable; for tracks and tables a ResultsTable. Null where nothing was chosen. Arrays of direction {@code out} are
 *     not among them
 * @param showAs by output name, for outputs that can be shown in several ways: one of the words of {@link ShowAs}
 * @param eachPosition whether the op is called for each position along axes that it does not know; else for the visible one
 */
record OpRequest(Op op, Map<String, Object> inputs, Map<String, String> showAs, boolean eachPosition) {
    OpRequest {
        // Not Map.copyOf: values may be null, and order is the op's.
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        showAs = Collections.unmodifiableMap(new LinkedHashMap<>(showAs));
    }
}
