/** The command line: a thin face on the library. Data goes to stdout, everything else to stderr. */
package org.alcove.cli;
