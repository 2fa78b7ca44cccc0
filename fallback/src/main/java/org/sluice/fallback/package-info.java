/** The portable backend over {@link java.nio.channels.FileChannel}. */
package org.sluice.fallback;
