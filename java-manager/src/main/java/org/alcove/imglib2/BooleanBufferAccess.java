package org.alcove.imglib2;

import java.nio.ByteBuffer;
import net.imglib2.img.basictypeaccess.BooleanAccess;

/** Booleans as numpy has them, a byte each. ImgLib2's own accesses to buffers leave them out. */
final class BooleanBufferAccess implements BooleanAccess {
    private final ByteBuffer elements;

    BooleanBufferAccess(ByteBuffer elements) {
        this.elements = elements;
    }

    @Override
    public BooleanBufferAccess createView(Object sampler) {
        return this;
    }

    @Override
    public boolean getValue(int index) {
        return elements.get(index) != 0;
    }

    @Override
    public void setValue(int index, boolean value) {
        elements.put(index, (byte) (value ? 1 : 0));
    }
}
