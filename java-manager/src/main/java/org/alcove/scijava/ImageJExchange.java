package org.alcove.scijava;

import ij.ImagePlus;
import ij.measure.ResultsTable;
import java.util.Optional;
import java.util.Set;
import org.alcove.Alcove;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.alcove.fiji.OpValues;
import org.alcove.files.Elements;

/** Images, regions and tables of ImageJ. */
final class ImageJExchange implements Exchange {
    private static final Set<String> PIXELS = Set.of("image", "labels", "mask", "array");

    @Override
    public Class<?> type(Parameter parameter) {
        if (parameter.type().equals("table")) {
            return ResultsTable.class;
        }
        // Points and shapes come as a Roi, several of them or a table.
        boolean isImage = parameter.type().equals("array") && PIXELS.contains(parameter.role().orElse("array"));
        return isImage ? ImagePlus.class : Object.class;
    }

    @Override
    public Object toOp(Alcove alcove, Parameter input, Object value) {
        return OpValues.toOp(alcove, input, value);
    }

    @Override
    public Object fromOp(Parameter output, Object value, String title, Object original) {
        Object converted = OpValues.toImageJ(output, value, title, original instanceof ImagePlus image ? image : null);
        return converted instanceof SharedArray array ? Elements.of(array) : converted; // a single row is no image
    }

    @Override
    public Optional<String> name(Object image) {
        return image instanceof ImagePlus named ? Optional.of(named.getTitle()) : Optional.empty();
    }

    @Override
    public boolean copies() {
        return true;
    }
}
