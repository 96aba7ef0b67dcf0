/** The folder of an ImageJ or Fiji: what Alcove puts there. Needs no ImageJ on the class path. */
package org.alcove.imagej;
