/** What is measured, each behind {@link org.sluice.bench.peer.Peer}, and what is asked of it. */
package org.sluice.bench.peer;
