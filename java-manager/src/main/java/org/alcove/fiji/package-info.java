/** Images of ImageJ (and so of Fiji) to shared arrays and back. Needs ImageJ, {@code net.imagej:ij}, on the class path. */
package org.alcove.fiji;
