/** The load rig: whole-process runs of Sluice and of its peers, side by side. */
package org.sluice.bench;
