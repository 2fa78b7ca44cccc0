/** What the load rig hands over: table, JSON, histogram files, a page with plots. */
package org.sluice.bench.report;
