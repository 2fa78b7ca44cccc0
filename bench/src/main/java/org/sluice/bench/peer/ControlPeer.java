package org.sluice.bench.peer;

/**
 * Does nothing: what it shows is the rig's and the machine's own noise, which stands in everyone
 * else's numbers too.
 */
final class ControlPeer implements Peer, Appender {
    @Override
    public Appender appender(int producer) {
        return this;
    }

    @Override
    public long append(EntryPattern entry) {
        return entry.id();
    }

    @Override
    public void awaitDurable(long ticket) {}

    @Override
    public void sync() {}

    @Override
    public void close() {}

    @Override
    public Replayer replayer() {
        throw new UnsupportedOperationException("keeps nothing");
    }

    @Override
    public long diskBytes() {
        return 0;
    }
}
