package org.sluice.ring;

/** A kernel thread takes the submissions. */
class SqPollContractTest extends UringContract {
    SqPollContractTest() {
        super(UringOptions.DEFAULT.withSqPoll(true));
    }
}
