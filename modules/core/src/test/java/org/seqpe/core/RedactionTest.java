package org.seqpe.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.config.ConfigReader;

class RedactionTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "fs.s3a.secret.key",
                "spark.hadoop.fs.s3a.secret.key",
                "fs.s3a.access.key",
                "fs.s3a.session.token",
                "spark.authenticate.secret",
                "spark.ssl.keyPassword",
                "fs.azure.account.key.store.blob.core.windows.net",
                "spark.hadoop.fs.azure.account.oauth2.client.secret",
                "fs.s3a.bucket.mine.secret.key",
                "javax.jdo.option.ConnectionPassword",
                "fs.s3a.encryption.key",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "spark.kubernetes.authenticate.submission.oauthToken",
                "dfs.client.ignore.credential"
            })
    void whatHadoopAndSparkCallSensitive(String key) {
        assertThat(Redaction.isSensitive(key)).isTrue();
        assertThat(Redaction.text("Cannot use --set " + key + "=Planted9 (a.conf, line 3): no such key"))
                .doesNotContain("Planted9")
                .contains(key, "line 3): no such key");
        assertThat(Redaction.text("found " + key + " = \"Planted 9\", and more"))
                .doesNotContain("Planted")
                .endsWith(", and more");
    }

    @Test
    void noKeyOfTheConfigurationIsACredential() {
        assertThat(ConfigReader.keys()).noneMatch(Redaction::isSensitive);
    }

    @Test
    void passwordsInUrls() {
        assertThat(Redaction.text("Cannot read s3a://AKIA1:Plan+ted9@bucket/data: no such file"))
                .isEqualTo("Cannot read s3a://" + Redaction.REDACTED + "@bucket/data: no such file");
        assertThat(Redaction.hasPassword("s3a://AKIA1:Planted9@bucket/data")).isTrue();
        assertThat(Redaction.hasPassword("abfs://container@account.dfs.core.windows.net/data"))
                .isFalse();
        assertThat(Redaction.hasPassword("hdfs://host:8020/a@b")).isFalse();
    }

    @Test
    void otherTextStaysAsItIs() {
        String text =
                "Cannot use seqpe.train.batch = 0 (a.conf, line 3): expected 1 or more; hdfs://host:8020/a, key: value, tokens=12, seqpe.evaluation.max-tokens = 500";
        assertThat(Redaction.text(text)).isEqualTo(text);
    }
}
