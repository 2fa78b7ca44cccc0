/**
 * All method handles of the project: liburing, the C library, and the memory that the kernel shares
 * with a ring. Above this package there are only Java types.
 */
package org.sluice.ring.ffi;
