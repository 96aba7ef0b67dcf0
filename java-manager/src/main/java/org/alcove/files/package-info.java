/** What an op returned, as files that other programs open. */
package org.alcove.files;
