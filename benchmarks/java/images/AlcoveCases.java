package images;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.alcove.Alcove;
import org.alcove.Axis;
import org.alcove.EnvironmentSpec;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.SharedArray;

/** Calls of the ops in {@code image_ops.py}, through the public interface and with default settings. */
final class AlcoveCases {
    private final Alcove alcove;
    private final Map<String, Op> ops;

    AlcoveCases(Alcove alcove, Path opFile, Path python) {
        this.alcove = alcove;
        this.ops = alcove.ops(opFile, EnvironmentSpec.existing(python)).stream()
                .collect(Collectors.toMap(Op::name, op -> op));
    }

    SharedArray image(Size size) {
        SharedArray image = anyImage(size);
        image.copyFrom(size.heapArray());
        return image;
    }

    /** The image is in shared memory before the call, and its result is read there after it. */
    Case call(String op, Size size) {
        return call(op, image(size));
    }

    /** An image of any content. */
    SharedArray anyImage(Size size) {
        return alcove.allocate(size.dtype(), Axis.list("y x"), size.shape());
    }

    Case call(String op, SharedArray image) {
        return () -> {
            long began = System.nanoTime();
            try (Outputs outputs = ops.get(op).call(Map.of("image", image))) {
                if (outputs.names().contains("image")) {
                    outputs.array("image").forEachChunk(pixels -> pixels.get(0));
                }
            }
            return Case.millisecondsSince(began);
        };
    }

    /** The image comes from a Java array, and its result ends in a new one. */
    Case callWithCopies(String op, Size size) {
        Object pixels = size.heapArray();
        return () -> {
            long began = System.nanoTime();
            try (SharedArray image = alcove.share(size.dtype(), pixels, "y x", size.shape());
                    Outputs outputs = ops.get(op).call(Map.of("image", image))) {
                toHeapArray(outputs.array("image"));
            }
            return Case.millisecondsSince(began);
        };
    }

    /** The two copies of {@link #callWithCopies} alone. */
    Case copies(Size size) {
        Object pixels = size.heapArray();
        return () -> {
            long began = System.nanoTime();
            try (SharedArray image = alcove.share(size.dtype(), pixels, "y x", size.shape())) {
                toHeapArray(image);
            }
            return Case.millisecondsSince(began);
        };
    }

    private static Object toHeapArray(SharedArray array) {
        return switch (array.dtype()) {
            case UINT8 -> array.toBytes();
            case UINT16 -> array.toShorts();
            default -> array.toFloats();
        };
    }

    /** A call of each op must do what it says, or its time means nothing. */
    void check(Size size) {
        try (SharedArray image = image(size)) {
            for (String op : List.of("add_one", "add_one_into")) {
                try (Outputs outputs = ops.get(op).call(Map.of("image", image))) {
                    int bytes = size.dtype().bytes();
                    outputs.array("image").forEachChunk(pixels -> {
                        byte[] last = new byte[bytes];
                        pixels.get(pixels.limit() - bytes, last);
                        if (java.util.Arrays.equals(last, new byte[bytes])) {
                            throw new IllegalStateException(op + " did not add one");
                        }
                    });
                }
            }
        }
    }
}
