package org.alcove.fiji;

/** The corners of an outline along the edges of pixels, in order; x and y of the upper left pixel's own corner are 0. */
record Outline(int[] x, int[] y) {}
