package org.seqpe.evaluation.text;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.Locale;
import org.seqpe.core.config.EvaluationConfig.Protocol;

/** How files and tables write a protocol: "non-overlapping", "sliding". */
final class Protocols {
    private Protocols() {}

    static String text(Protocol protocol) {
        return protocol.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException if there is no such protocol */
    static Protocol parse(String text) {
        return Protocol.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    static final class Writer extends StdSerializer<Protocol> {
        private static final long serialVersionUID = 1L;

        Writer() {
            super(Protocol.class);
        }

        @Override
        public void serialize(Protocol protocol, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(text(protocol));
        }
    }

    static final class Reader extends StdDeserializer<Protocol> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(Protocol.class);
        }

        @Override
        public Protocol deserialize(JsonParser in, DeserializationContext context) throws IOException {
            try {
                return parse(in.getText());
            } catch (IllegalArgumentException e) {
                return (Protocol) context.handleWeirdStringValue(Protocol.class, in.getText(), "no such protocol");
            }
        }
    }
}
