package org.sluice.cli;

import org.agrona.DirectBuffer;

import tools.jackson.databind.node.ObjectNode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Each entry as a JSON object on a line; what is not UTF-8 goes as base64. */
final class JsonPrinter implements EntryPrinter {
    private final StandardOutput out;

    JsonPrinter(StandardOutput out) {
        this.out = out;
    }

    @Override
    public void onEntry(DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        ObjectNode entry =
                Json.object()
                        .put("index", index)
                        .put("time", Figures.time(timestampNs))
                        .put("length", length);
        try {
            entry.put(
                    "text",
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            entry.put("base64", bytes);
        }
        out.println(Json.line(entry));
    }
}
