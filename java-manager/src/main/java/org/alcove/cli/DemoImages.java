package org.alcove.cli;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.ErrorKind;
import org.alcove.NpyFile;
import org.alcove.SharedArray;

/** Image files in shared memory. The toolbox reads nearly all; what Java reads itself does not wait for one to be made. */
final class DemoImages {
    private static final List<String> OUTER_AXES = List.of("c", "t", "z");

    private DemoImages() {}

    /**
     * Opens an image file.
     *
     * @param command whose console shows when the toolbox is made
     * @throws AlcoveException when there is no such file or it is no image
     */
    static SharedArray open(Alcove alcove, Path file, LibraryCommand command) throws Exception {
        if (!Files.isRegularFile(file)) {
            throw failure("there is no file " + file, "check the name; it is looked for from the current folder");
        }
        Optional<SharedArray> image = file.toString().endsWith(".npy")
                ? Optional.of(readNpy(alcove, file))
                : file.toString().endsWith(".png") ? readPicture(alcove, file) : Optional.empty();
        if (image.isEmpty()) {
            command.prepare(alcove);
            image = Optional.of(alcove.readImage(file));
        }
        if (image.get().size() == 0) {
            throw failure(file + " holds no image", "take one that has pixels");
        }
        return image.get();
    }

    private static SharedArray readNpy(Alcove alcove, Path file) throws IOException {
        try (SharedArray stored = NpyFile.open(file).read(alcove)) {
            return stored.withAxes(assumedAxes(stored.dtype(), stored.shape()));
        }
    }

    /** As the toolbox names the axes of files that don't: y and x last, or y, x and c; z, t and c in front of them. */
    private static List<Axis> assumedAxes(DType dtype, long[] shape) {
        int last = shape.length - 1;
        boolean colours = shape.length >= 3 && dtype == DType.UINT8 && (shape[last] == 3 || shape[last] == 4);
        String inner = shape.length == 1 ? "x" : colours ? "y x c" : "y x";
        int outer = shape.length - inner.split(" ").length;
        List<String> free = OUTER_AXES.stream().filter(name -> !colours || !name.equals("c")).toList();
        return outer < 0 || outer > free.size()
                ? List.of()
                : Axis.list(String.join(" ", free.subList(free.size() - outer, free.size())) + " " + inner);
    }

    /** Grey values of 8 or 16 bits and 8-bit colours; empty for what is stored in a way of its own, as palettes are. */
    private static Optional<SharedArray> readPicture(Alcove alcove, Path file) throws IOException {
        BufferedImage picture = ImageIO.read(file.toFile());
        if (picture == null || picture.getColorModel() instanceof IndexColorModel) {
            return Optional.empty();
        }
        Raster raster = picture.getRaster();
        int bands = raster.getNumBands();
        boolean deep = raster.getDataBuffer().getDataType() == DataBuffer.TYPE_USHORT;
        int[] samples = raster.getPixels(0, 0, raster.getWidth(), raster.getHeight(), (int[]) null);
        if (deep && bands == 1) {
            short[] pixels = new short[samples.length];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (short) samples[i];
            }
            return Optional.of(alcove.share(DType.UINT16, pixels, "y x", raster.getHeight(), raster.getWidth()));
        }
        if (raster.getDataBuffer().getDataType() != DataBuffer.TYPE_BYTE || bands == 2) {
            return Optional.empty();
        }
        byte[] pixels = new byte[samples.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) samples[i];
        }
        return Optional.of(bands == 1
                ? alcove.share(DType.UINT8, pixels, "y x", raster.getHeight(), raster.getWidth())
                : alcove.share(DType.UINT8, pixels, "y x c", raster.getHeight(), raster.getWidth(), bands));
    }

    static AlcoveException failure(String message, String hint) {
        return new AlcoveException(ErrorKind.INVALID_PARAMS, message, hint, Map.of());
    }
}
