package org.sluice.bench;

import picocli.CommandLine.IVersionProvider;

/** The version, as the build put it into the jar. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {"sluice bench " + (version == null ? "(not packaged)" : version)};
    }
}
