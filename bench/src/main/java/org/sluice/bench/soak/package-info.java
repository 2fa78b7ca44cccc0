/** The soak: a log under load for as long as one likes, and what is left of it afterwards. */
package org.sluice.bench.soak;
