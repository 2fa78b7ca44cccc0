package org.sluice.ring;

import org.sluice.store.Capabilities.Feature;

/** Where the limit on locked memory leaves no room for registered blocks. */
class UnregisteredContractTest extends UringContract {
    UnregisteredContractTest() {
        super(UringOptions.DEFAULT, Feature.REGISTERED_BUFFERS, Feature.REGISTERED_FILES);
    }
}
