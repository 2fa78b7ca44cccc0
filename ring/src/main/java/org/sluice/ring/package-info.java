/**
 * The io_uring backend: {@link org.sluice.ring.UringProbe} finds out whether it can run, {@link
 * org.sluice.ring.UringStorage} runs it. Linux; loading these classes touches no native code.
 */
package org.sluice.ring;
