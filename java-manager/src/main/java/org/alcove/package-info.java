/**
 * Runs Python functions, "ops", each in the environment that it needs, and hands images over in named shared memory.
 *
 * <p>Start with {@link org.alcove.Alcove}. The exceptions are unchecked; all of them are {@link
 * org.alcove.AlcoveException}s with a stable {@link org.alcove.ErrorKind}.
 */
package org.alcove;
