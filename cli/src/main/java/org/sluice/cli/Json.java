package org.sluice.cli;

import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reports for programs. The names in them are part of the command line and stay. */
final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** An index, or null where there is none or it can't be told. */
    static Long known(long index) {
        return index < 0 ? null : (Long) index;
    }

    /** A time as ISO-8601, or null where there is none. */
    static String time(long epochNs) {
        return epochNs <= 0 ? null : Figures.time(epochNs);
    }

    /** A report that is the whole output: readable by people too. */
    static String pretty(ObjectNode node) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node);
    }

    /** One of many: on one line. */
    static String line(ObjectNode node) {
        return MAPPER.writeValueAsString(node);
    }
}
