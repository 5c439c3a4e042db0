package org.seqpe.core;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.ConfigRedactor;
import org.apache.hadoop.conf.Configuration;

/**
 * Removes credentials from printed and saved text: values of keys that Hadoop's
 * {@code hadoop.security.sensitive-config-keys} or a pattern like Spark's {@code spark.redaction.regex} call sensitive,
 * and passwords in URLs. Spark's own pattern, used unchanged, would also hide every number of tokens.
 */
public final class Redaction {
    /** The text that replaces a credential, as in Spark. */
    public static final String REDACTED = "*********(redacted)";

    private static final Pattern SENSITIVE = Pattern.compile(
            "(?i)secret|password|passwd|credential|(access|account|private|encryption)[._-]?key|(^|[._-](session|auth|security|oauth|bearer|refresh|access)[._-]?|[.])token$");
    private static final Pattern SETTING =
            Pattern.compile("([\\w.-]+)(\\s*[=:]\\s*)(\"[^\"]*\"|'[^']*'|[^\\s,;)'\"]+)");
    private static final Pattern URL_PASSWORD = Pattern.compile("(\\w[\\w+.-]*://)[^\\s/@:]*:[^\\s/@]*@");
    private static final ConfigRedactor HADOOP = new ConfigRedactor(new Configuration());
    /** Placeholder value for asking Hadoop whether a key is sensitive; any value works. */
    private static final String PROBE = "value";

    private Redaction() {}

    /** Whether the value of a configuration key is a credential. */
    public static boolean isSensitive(String key) {
        return SENSITIVE.matcher(key).find()
                || !HADOOP.redact(hadoopKey(key), PROBE).equals(PROBE);
    }

    /** Spark passes {@code spark.hadoop.KEY} to Hadoop as KEY. */
    private static String hadoopKey(String key) {
        return key.startsWith("spark.hadoop.") ? key.substring("spark.hadoop.".length()) : key;
    }

    /** Whether a path or URL contains a user's password, such as {@code s3a://KEY:SECRET@bucket}. */
    public static boolean hasPassword(String url) {
        return URL_PASSWORD.matcher(url).find();
    }

    /**
     * The text without credentials: values in {@code KEY=VALUE} and {@code KEY: VALUE} of sensitive keys, and names and
     * passwords in URLs.
     */
    public static String text(String text) {
        Matcher setting =
                SETTING.matcher(URL_PASSWORD.matcher(text).replaceAll("$1" + Matcher.quoteReplacement(REDACTED) + "@"));
        return setting.replaceAll(found -> Matcher.quoteReplacement(
                isSensitive(found.group(1)) ? found.group(1) + found.group(2) + REDACTED : found.group()));
    }
}
