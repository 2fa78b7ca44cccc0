package org.sluice.ring;

/** The default: O_DIRECT, blocks and files registered. */
class DirectContractTest extends UringContract {
    DirectContractTest() {
        super(UringOptions.DEFAULT);
    }
}
