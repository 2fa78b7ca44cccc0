package org.sluice.ring;

/** Syncs through the ring. */
class RingSyncContractTest extends UringContract {
    RingSyncContractTest() {
        super(UringOptions.DEFAULT.withSyncMethod(UringOptions.SyncMethod.RING));
    }
}
