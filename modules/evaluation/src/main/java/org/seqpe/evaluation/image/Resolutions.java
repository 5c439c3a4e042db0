package org.seqpe.evaluation.image;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import org.seqpe.core.config.Resolution;
import org.seqpe.evaluation.AxisValue;

/** How files and axes show a resolution. Files have it as configurations write it: "224", "224x320". */
final class Resolutions {
    private Resolutions() {}

    /** A picture that is not square lies where a square one of as many pixels does. */
    static AxisValue place(Resolution size) {
        return new AxisValue(Math.sqrt((double) size.rows() * size.columns()), size.toString());
    }

    static final class Writer extends StdSerializer<Resolution> {
        private static final long serialVersionUID = 1L;

        Writer() {
            super(Resolution.class);
        }

        @Override
        public void serialize(Resolution size, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(size.toString());
        }
    }

    static final class Reader extends StdDeserializer<Resolution> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(Resolution.class);
        }

        @Override
        public Resolution deserialize(JsonParser in, DeserializationContext context) throws IOException {
            String text = in.getText();
            try {
                Resolution size = Resolution.parse(text, "resolution");
                if (size.toString().equals(text)) {
                    return size;
                }
            } catch (IllegalArgumentException e) {
                // It is no resolution, as below.
            }
            return (Resolution) context.handleWeirdStringValue(Resolution.class, text, "no resolution");
        }
    }
}
