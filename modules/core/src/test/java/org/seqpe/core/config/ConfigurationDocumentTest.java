package org.seqpe.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/configuration.md says of every key its default, unit and meaning. */
class ConfigurationDocumentTest {
    private static final Pattern ROW = Pattern.compile("\\| `(seqpe\\.[a-z0-9.-]+)` \\| (.+?) \\| (.+?) \\| (.+?) \\|");

    @Test
    void everyKeyIsListedInOrderWithItsDefault() throws IOException {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of("../../docs/configuration.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                defaults.put(row.group(1), row.group(2));
            }
        }
        assertThat(defaults.keySet()).containsExactlyElementsOf(ConfigReader.keys());

        Config reference = ConfigFactory.parseResources(getClass().getClassLoader(), "reference.conf");
        defaults.forEach((key, documented) -> {
            Object expected = key.equals("seqpe.data.path")
                    ? ""
                    : ConfigFactory.parseString("x = " + documented.replace("`", ""))
                            .getAnyRef("x");
            assertThat(equalNumbers(expected)).as(key).isEqualTo(equalNumbers(reference.getAnyRef(key)));
        });
    }

    private static Object equalNumbers(Object value) {
        return value instanceof Number number ? (Object) number.doubleValue() : value;
    }
}
