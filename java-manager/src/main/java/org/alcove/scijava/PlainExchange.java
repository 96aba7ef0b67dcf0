package org.alcove.scijava;

import java.util.List;
import java.util.Optional;
import org.alcove.Alcove;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.alcove.Table;

/** Alcove's own arrays, for programs that have no images; whoever ran the module closes those that come out. */
final class PlainExchange implements Exchange {
    @Override
    public Class<?> type(Parameter parameter) {
        return switch (parameter.type()) {
            case "array" -> SharedArray.class;
            case "table" -> Table.class;
            default -> List.class;
        };
    }

    @Override
    public Object toOp(Alcove alcove, Parameter input, Object value) {
        return value;
    }

    @Override
    public Object fromOp(Parameter output, Object value, String title, Object original) {
        return value;
    }

    @Override
    public Optional<String> name(Object image) {
        return Optional.empty();
    }

    @Override
    public boolean copies() {
        return false;
    }
}
