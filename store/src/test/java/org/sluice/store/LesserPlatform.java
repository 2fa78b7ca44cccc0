package org.sluice.store;

import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;

import java.util.EnumMap;
import java.util.Map;

/** What a platform would be found to do if it lacked something that this one has. */
public final class LesserPlatform {
    /** Why a feature that was taken away is missing. */
    public static final String REASON = "a test forbids it";

    private LesserPlatform() {}

    /** What was found, less {@code features}. */
    public static Capabilities without(Capabilities found, Feature... features) {
        Map<Feature, Support> left = new EnumMap<>(found.features());
        for (Feature feature : features) {
            left.put(feature, Support.no(REASON, ""));
        }
        return new Capabilities(
                found.os(),
                found.kernel(),
                found.liburing(),
                found.directAlignBytes(),
                found.memlockBytes(),
                left);
    }
}
