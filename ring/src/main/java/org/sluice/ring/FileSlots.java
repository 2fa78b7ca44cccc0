package org.sluice.ring;

import org.sluice.ring.ffi.Ring;

/** The table of a ring's registered files: which slots are taken. The engine's thread. */
final class FileSlots {
    /** Segments that are open at once are a few; what comes after these goes by its descriptor. */
    static final int COUNT = 32;

    private final Ring ring;
    private final boolean[] used;

    /**
     * @param registered whether the ring has such a table
     */
    FileSlots(Ring ring, boolean registered) {
        this.ring = ring;
        this.used = new boolean[registered ? COUNT : 0];
    }

    /** A slot that holds the descriptor from now on, or {@link UringFile#NONE}. */
    int take(int fd) {
        for (int slot = 0; slot < used.length; slot++) {
            if (!used[slot]) {
                used[slot] = ring.updateFileSlot(slot, fd) == 0;
                return used[slot] ? slot : UringFile.NONE;
            }
        }
        return UringFile.NONE;
    }

    /** Empties a slot, if it is one. */
    void release(int slot) {
        // A slot that can't be emptied is not used again.
        if (slot != UringFile.NONE) {
            used[slot] = ring.updateFileSlot(slot, UringFile.NONE) != 0;
        }
    }
}
