/** The command line: each command is one class, run by {@link org.sluice.cli.Main}. */
package org.sluice.cli;
