/**
 * What a log stands on: the seam to the disk, the format, and the faults.
 *
 * <p>The seam is {@link org.sluice.store.Storage}: {@link org.sluice.store.StoreDirectory} for what
 * is rare and may wait, {@link org.sluice.store.AsyncIo} and {@link org.sluice.store.AsyncFile} for
 * what must not. The format is in the descriptors, {@link org.sluice.store.SegmentDescriptor},
 * {@link org.sluice.store.BatchDescriptor} and {@link org.sluice.store.IndexDescriptor}; {@link
 * org.sluice.store.BatchReader} reads it. Faults are {@link org.sluice.store.AppendException}s.
 */
package org.sluice.store;
