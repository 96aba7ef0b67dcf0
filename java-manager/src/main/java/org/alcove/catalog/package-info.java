/** Which op files there are, what they offer as far as it is known without running them, and which of them the user trusts. */
package org.alcove.catalog;
