package org.alcove.scijava;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;
import org.alcove.Alcove;
import org.alcove.Settings;
import org.alcove.Table;
import org.alcove.catalog.OpFolder;
import org.scijava.Context;

/** A SciJava application that has ImgLib2 and no ImageJ; loaded by a class loader that finds none. */
public final class WithoutImageJ {
    private WithoutImageJ() {}

    /** Runs the op {@code find} of the only op file in a folder, and says what came out. */
    public static String run(String data, String memory, String folder) {
        Settings settings = new Settings().dataDirectory(Path.of(data)).memoryDirectory(Path.of(memory));
        try (Context context = new Context(AlcoveService.class);
                Alcove alcove = Alcove.open(settings)) {
            AlcoveService service = context.service(AlcoveService.class);
            service.use(alcove, List.of(new OpFolder(Path.of(folder), List.of())));
            RandomAccessibleInterval<?> image = ArrayImgs.unsignedBytes(new byte[] {10, 20, 100, (byte) 200}, 2, 2);
            Map<String, Object> outputs = service.run("find", "image", image);
            RandomAccessibleInterval<?> labels = (RandomAccessibleInterval<?>) outputs.get("labels");
            RealType<?> last = (RealType<?>) labels.getAt(1, 1);
            RealType<?> first = (RealType<?>) labels.getAt(0, 0);
            return first + " " + last + " " + outputs.get("count") + " " + ((Table) outputs.get("table")).column("area");
        }
    }
}
