package org.sluice.ring;

/** Through the page cache. */
class BufferedContractTest extends UringContract {
    BufferedContractTest() {
        super(UringOptions.DEFAULT.withDirect(false));
    }
}
