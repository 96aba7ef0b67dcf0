/** Where ImageJ enters Alcove: compiled for Java 8, so that an older Java can say which one is needed. */
package org.alcove.start;
