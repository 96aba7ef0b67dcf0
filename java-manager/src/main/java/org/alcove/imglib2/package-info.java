/** Shared arrays as images of ImgLib2 and back. Needs ImgLib2, {@code net.imglib2:imglib2}, on the class path. */
package org.alcove.imglib2;
