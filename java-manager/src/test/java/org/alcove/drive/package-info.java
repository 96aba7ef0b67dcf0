/**
 * Drives a real ImageJ from outside, as a user's hands and eyes do; tests/windows starts it. It knows ImageJ and the JDK
 * alone, and none of our classes, so that these come from the plugins folder, through ImageJ's own class loader.
 */
package org.alcove.drive;
