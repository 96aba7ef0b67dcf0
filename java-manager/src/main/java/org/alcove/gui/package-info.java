/**
 * Windows in Swing: the environments of this machine, the first run, a call under way, what failed, whom to trust. They
 * need no ImageJ.
 */
package org.alcove.gui;
