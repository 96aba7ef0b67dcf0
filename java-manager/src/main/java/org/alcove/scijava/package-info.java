/** Ops as modules of SciJava: found by its search, run by its scripts, with images of ImageJ or ImgLib2. */
package org.alcove.scijava;
