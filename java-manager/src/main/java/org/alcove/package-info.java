/**
 * Runs Python functions, "ops", each in the environment that it needs, and hands images over in named shared memory.
 *
 * <p>Start with {@link org.alcove.Alcove}. The exceptions are unchecked. What can go wrong in the world is an {@link
 * org.alcove.AlcoveException} with a stable {@link org.alcove.ErrorKind}; a mistake of the calling program, such as the
 * use of something closed, is an {@link java.lang.IllegalStateException} or {@link java.lang.IllegalArgumentException}.
 */
package org.alcove;
