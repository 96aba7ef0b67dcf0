/**
 * One op over many items: image files, rows of parameters, whatever an Iterable gives. {@link org.alcove.batch.Batch} is
 * where to begin.
 */
package org.alcove.batch;
