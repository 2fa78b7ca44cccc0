/** JMH benchmarks of the parts, a class a question. */
package org.sluice.bench.micro;
