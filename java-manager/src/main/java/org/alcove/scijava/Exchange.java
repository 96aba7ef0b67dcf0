package org.alcove.scijava;

import java.util.Optional;
import java.util.function.Supplier;
import org.alcove.Alcove;
import org.alcove.Parameter;

/** What images and tables are in the program that the modules run in, and how they get into ops and out of them. */
interface Exchange {
    /** The class of what a module takes or gives for an array, a table or shapes. */
    Class<?> type(Parameter parameter);

    /** A value as an op takes it; the caller closes the array that it may be. */
    Object toOp(Alcove alcove, Parameter input, Object value);

    /**
     * What an op returned as the program has it.
     *
     * @param title for what is shown in a window
     * @param original the image that the op got, or null
     */
    Object fromOp(Parameter output, Object value, String title, Object original);

    /** What an image is called; empty when it has no name. */
    Optional<String> name(Object image);

    /** Whether what {@link #fromOp} gives stays whole when the outputs are closed. */
    boolean copies();

    /** ImageJ's images where there is an ImageJ, else those of ImgLib2, else Alcove's own arrays. */
    static Exchange ofThisProgram() {
        return find("ij.ImagePlus", () -> new ImageJExchange(),
                () -> find("net.imglib2.RandomAccessibleInterval", () -> new ImgLib2Exchange(), PlainExchange::new));
    }

    private static Exchange find(String needed, Supplier<Exchange> exchange, Supplier<Exchange> otherwise) {
        boolean isThere;
        try {
            Class.forName(needed, false, Exchange.class.getClassLoader());
            isThere = true;
        } catch (ClassNotFoundException | LinkageError e) {
            isThere = false;
        }
        return (isThere ? exchange : otherwise).get();
    }
}
