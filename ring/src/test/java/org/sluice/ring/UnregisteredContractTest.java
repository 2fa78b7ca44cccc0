package org.sluice.ring;

/** Where the limit on locked memory leaves no room for registered blocks. */
class UnregisteredContractTest extends UringContract {
    UnregisteredContractTest() {
        super(UringOptions.DEFAULT.withRegistered(false));
    }
}
