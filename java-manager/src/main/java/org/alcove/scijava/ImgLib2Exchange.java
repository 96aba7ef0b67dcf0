package org.alcove.scijava;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.real.DoubleType;
import org.alcove.Alcove;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.alcove.Table;
import org.alcove.files.Elements;
import org.alcove.imglib2.SharedImages;

/** Images of ImgLib2; nothing is copied that comes out of an op. */
final class ImgLib2Exchange implements Exchange {
    @Override
    public Class<?> type(Parameter parameter) {
        return switch (parameter.type()) {
            case "array" -> RandomAccessibleInterval.class;
            case "table" -> Table.class;
            default -> List.class;
        };
    }

    @Override
    public Object toOp(Alcove alcove, Parameter input, Object value) {
        // Without names of axes: an op takes them to be its own.
        return value instanceof RandomAccessibleInterval<?> image ? SharedImages.share(alcove, image, List.of()) : value;
    }

    @Override
    public Object fromOp(Parameter output, Object value, String title, Object original) {
        if (value instanceof SharedArray array) {
            return SharedImages.<DoubleType>wrap(array); // of the array's type, whatever this says
        }
        return value instanceof Table table ? kept(table) : value;
    }

    @Override
    public Optional<String> name(Object image) {
        return Optional.empty();
    }

    @Override
    public boolean copies() {
        return true; // an image keeps its memory
    }

    /** The table without shared memory, which would have to be closed. */
    private static Table kept(Table table) {
        Map<String, Object> columns = new LinkedHashMap<>();
        for (String name : table.names()) {
            columns.put(name, table.column(name) instanceof SharedArray array ? Elements.of(array) : table.column(name));
        }
        return new Table(columns);
    }
}
