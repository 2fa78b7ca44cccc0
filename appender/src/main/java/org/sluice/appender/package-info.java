/**
 * The log: {@link org.sluice.appender.AppendLog} writes one, {@link org.sluice.appender.LogReader}
 * reads it, in the same process or another, {@link org.sluice.appender.LogInfo}, {@link
 * org.sluice.appender.LogVerifier} and {@link org.sluice.appender.LogRepair} look after it.
 *
 * <p>Everything that can go wrong is an {@link org.sluice.store.AppendException}; mistakes in
 * arguments are the JDK's own exceptions. Times are in nanoseconds, those of the wall clock since
 * 1970; sizes and lengths are in bytes.
 */
package org.sluice.appender;
