package org.alcove.imglib2;

import net.imglib2.Interval;
import net.imglib2.RandomAccessible;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.ImgView;
import net.imglib2.img.WrappedImg;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.img.basictypeaccess.DataAccess;
import net.imglib2.img.cell.Cell;
import net.imglib2.img.cell.CellGrid;
import net.imglib2.img.cell.CellImg;
import net.imglib2.img.cell.CellImgFactory;
import net.imglib2.img.list.ListImg;
import net.imglib2.type.NativeType;
import net.imglib2.util.Intervals;
import net.imglib2.view.IntervalView;
import net.imglib2.view.fluent.RandomAccessibleView;
import org.alcove.SharedArray;

/** An image that is a SharedArray, whole. */
interface Shared {
    SharedArray array();

    /** The shared image that an image is, or that it shows whole and unchanged; else null. */
    static Shared of(RandomAccessibleInterval<?> image) {
        return container(image) instanceof Shared shared && Intervals.equals((Interval) shared, image) ? shared : null;
    }

    /** What holds the pixels of an image, at the same positions: the image itself, or what it wraps or is a part of. */
    static RandomAccessible<?> container(RandomAccessible<?> image) {
        RandomAccessible<?> source = image;
        while (true) {
            if (source instanceof WrappedImg<?> wrapped) {
                source = wrapped.getImg();
            } else if (source instanceof ImgView<?> view) {
                source = view.getSource();
            } else if (source instanceof RandomAccessibleView<?, ?> view) {
                source = view.delegate();
            } else if (source instanceof IntervalView<?> view) {
                source = view.getSource();
            } else {
                return source;
            }
        }
    }

    /** In one buffer. */
    final class InOne<T extends NativeType<T>, A extends DataAccess> extends ArrayImg<T, A> implements Shared {
        private final SharedArray array;

        InOne(SharedArray array, A access, long[] dimensions, T type) {
            super(access, dimensions, type.getEntitiesPerPixel());
            this.array = array;
        }

        @Override
        public SharedArray array() {
            return array;
        }
    }

    /** In a buffer for each cell. */
    final class InCells<T extends NativeType<T>, A extends DataAccess> extends CellImg<T, A> implements Shared {
        private final SharedArray array;

        InCells(SharedArray array, ListImg<Cell<A>> cells, CellGrid grid, T type) {
            // ImgLib2 copies cell by cell: what the factory makes has to be divided alike.
            super(new CellImgFactory<>(type, grid.getCellDimensions()), grid, cells, type.getEntitiesPerPixel());
            this.array = array;
        }

        @Override
        public SharedArray array() {
            return array;
        }
    }
}
