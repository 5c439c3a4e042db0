package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1Role;
import io.kubernetes.client.openapi.models.V1RoleBinding;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The files in deploy/ are what those that read them expect, and name what is there. */
class DeploymentTest {
    private static final Path DEPLOY = Path.of("../../deploy");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String OPERATOR = "sparkoperator.k8s.io/v1beta2";
    /** Jackson refuses what their models do not have. */
    private static final Map<String, Class<?>> CORE = Map.of(
            "v1/Pod",
            V1Pod.class,
            "networking.k8s.io/v1/NetworkPolicy",
            V1NetworkPolicy.class,
            "v1/Namespace",
            V1Namespace.class,
            "v1/ServiceAccount",
            V1ServiceAccount.class,
            "v1/PersistentVolumeClaim",
            V1PersistentVolumeClaim.class,
            "rbac.authorization.k8s.io/v1/Role",
            V1Role.class,
            "rbac.authorization.k8s.io/v1/RoleBinding",
            V1RoleBinding.class);

    static List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(DEPLOY)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    static List<JsonNode> manifests() throws IOException {
        List<JsonNode> manifests = new ArrayList<>();
        for (Path file : files(".yaml")) {
            manifests.addAll(YAML.readerFor(JsonNode.class)
                    .<JsonNode>readValues(file.toFile())
                    .readAll());
        }
        return manifests;
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void manifestsAreOfTheirKindAndAStrangeFieldIsSeen(JsonNode manifest) throws IOException {
        ObjectNode strange = manifest.deepCopy();
        strange.withObject("/metadata").put("nmae", "x");
        if (manifest.get("apiVersion").asText().equals(OPERATOR)) {
            assertThat(operatorSchema().validate(manifest)).isEmpty();
            assertThat(operatorSchema().validate(strange)).isNotEmpty();
        } else {
            Class<?> kind = CORE.get(manifest.get("apiVersion").asText() + "/"
                    + manifest.get("kind").asText());
            assertThat(kind).as("a model for " + manifest.get("kind")).isNotNull();
            assertThatCode(() -> YAML.treeToValue(manifest, kind)).doesNotThrowAnyException();
            assertThatThrownBy(() -> YAML.treeToValue(strange, kind)).hasMessageContaining("nmae");
        }
    }

    private static JsonSchema operatorSchema() throws IOException {
        try (InputStream schema = DeploymentTest.class.getResourceAsStream("spark-operator-v1beta2.schema.json")) {
            return JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(schema);
        }
    }

    /**
     * What they run is what the program understands; one job works on a run folder at a time, and each slice ends
     * before the next begins.
     */
    @Test
    void sparkApplicationsRunTheProgramAsItIs() throws IOException {
        List<JsonNode> applications = manifests().stream()
                .filter(manifest -> manifest.get("apiVersion").asText().equals(OPERATOR))
                .toList();
        assertThat(applications).hasSize(2);
        for (JsonNode application : applications) {
            JsonNode spec = application.get("spec").has("template")
                    ? application.at("/spec/template")
                    : application.get("spec");
            assertThat(spec.get("mainClass").asText()).isEqualTo(Seqpe.class.getName());
            List<String> arguments = new ArrayList<>();
            spec.get("arguments").forEach(argument -> arguments.add(argument.asText()));
            new CommandLine(new Seqpe()).parseArgs(arguments.toArray(String[]::new));
            assertThat(spec.at("/sparkConf/spark.task.cpus").asText())
                    .isEqualTo(spec.at("/executor/cores").asText());
            assertThat(spec.at("/restartPolicy/onFailureRetryInterval").asInt())
                    .as("seconds, longer than the lock of a lost driver")
                    .isGreaterThan(60);
            if (application.get("kind").asText().equals("ScheduledSparkApplication")) {
                assertThat(application.at("/spec/concurrencyPolicy").asText()).isEqualTo("Forbid");
                assertThat(arguments).contains("--max-runtime");
                requireCron(application.at("/spec/schedule").asText());
            }
        }
    }

    /**
     * Every way to a cluster turns on what keeps strangers out; pods have no more rights than they need, and executors
     * no account of Kubernetes that can do anything.
     */
    @Test
    void nobodyGetsInWhoDoesNotBelong() throws IOException {
        String common = Files.readString(DEPLOY.resolve("submit-common.sh"));
        Map<String, String> expected = Map.of(
                "spark.authenticate",
                "true",
                "spark.network.crypto.enabled",
                "true",
                "spark.network.crypto.saslFallback",
                "false",
                "spark.network.crypto.authEngineVersion",
                "2",
                "spark.shuffle.service.enabled",
                "false",
                "spark.ui.enabled",
                "false");
        expected.forEach((key, value) -> assertThat(common).contains("--conf " + key + "=" + value));
        for (String script : List.of("yarn/submit.sh", "kubernetes/submit.sh")) {
            assertThat(Files.readString(DEPLOY.resolve(script)))
                    .as(script)
                    .containsSubsequence("$protection", "$properties");
        }
        assertThat(Files.readString(DEPLOY.resolve("kubernetes/submit.sh")))
                .contains(
                        "executor.serviceAccountName=seqpe-executor",
                        "driver.podTemplateFile=$driver_pod",
                        "executor.podTemplateFile=$executor_pod");
        for (JsonNode manifest : manifests()) {
            String name = manifest.at("/kind").asText() + " "
                    + manifest.at("/metadata/name").asText();
            if (manifest.at("/kind").asText().endsWith("SparkApplication")) {
                JsonNode spec =
                        manifest.get("spec").has("template") ? manifest.at("/spec/template") : manifest.get("spec");
                expected.forEach(
                        (key, value) -> assertThat(spec.at("/sparkConf/" + key).asText())
                                .as(name + " " + key)
                                .isEqualTo(value));
                assertThat(spec.at("/sparkConf/spark.kubernetes.authenticate.executor.serviceAccountName")
                                .asText())
                        .isEqualTo("seqpe-executor");
                for (String role : List.of("driver", "executor")) {
                    requireFewRights(
                            name + " " + role,
                            spec.at("/" + role + "/podSecurityContext"),
                            spec.at("/" + role + "/securityContext"));
                }
            } else if (name.startsWith("Pod")) {
                requireFewRights(
                        name, manifest.at("/spec/securityContext"), manifest.at("/spec/containers/0/securityContext"));
            } else if (name.equals("ServiceAccount seqpe-executor")) {
                assertThat(manifest.path("automountServiceAccountToken").asBoolean(true))
                        .as(name)
                        .isFalse();
            } else if (name.startsWith("RoleBinding")) {
                assertThat(manifest.get("subjects")).as(name).hasSize(1);
                assertThat(manifest.at("/subjects/0/name").asText()).isEqualTo("seqpe-driver");
            }
        }
    }

    private static void requireFewRights(String name, JsonNode pod, JsonNode container) {
        assertThat(pod.at("/runAsNonRoot").asBoolean()).as(name).isTrue();
        assertThat(pod.at("/runAsUser").asInt()).as(name).isPositive();
        assertThat(container.path("allowPrivilegeEscalation").asBoolean(true))
                .as(name)
                .isFalse();
        assertThat(container.at("/capabilities/drop/0").asText()).as(name).isEqualTo("ALL");
    }

    private static void requireCron(String schedule) {
        new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                .parse(schedule)
                .validate();
    }

    @Test
    void theCrontabIsOneAndRunsATraining() throws IOException {
        List<String> entries = Files.readAllLines(DEPLOY.resolve("cron/seqpe.crontab")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        assertThat(entries).hasSize(1);
        String[] words = entries.get(0).split(" +");
        requireCron(String.join(" ", Arrays.copyOf(words, 5)));
        assertThat(DEPLOY.resolve("../" + words[5].replace("/opt/seqpe/", ""))).isExecutable();
        List<String> train = new ArrayList<>(List.of("train", "--run", words[6]));
        train.addAll(Arrays.asList(words).subList(7, words.length));
        new CommandLine(new Seqpe()).parseArgs(train.toArray(String[]::new));
    }

    /** Classes of this project, JVM options of the distribution, versions. */
    @Test
    void whatIsNamedExists() throws Exception {
        Path pom = Path.of("../../pom.xml");
        String options = Files.readString(Path.of("src/main/dist/jvm.options")) + Files.readString(pom);
        String spark = find("<spark.version>(.*)</spark.version>", Files.readString(pom));
        String version = find("<artifactId>seqpe-spark</artifactId>\\s*<version>(.*)</version>", Files.readString(pom));
        TreeSet<String> seen = new TreeSet<>();
        for (String suffix : List.of(".sh", ".yaml", ".py", "Dockerfile", ".crontab")) {
            for (Path file : files(suffix)) {
                String text = Files.readString(file);
                for (String name : all("org\\.seqpe(?:\\.\\w+)+\\.[A-Z]\\w+", text)) {
                    Class.forName(name, false, DeploymentTest.class.getClassLoader());
                    seen.add(name);
                }
                for (String option : all("--add-modules [\\w.]+|-XX:\\+\\w+|-XX:CompileCommand=[\\w,.:*]+", text)) {
                    assertThat(options).as(file.toString()).contains(option);
                    seen.add(option);
                }
                assertThat(all("(?<=apache/spark:)\\d[\\d.]+|(?<=sparkVersion: )[\\d.]+", text))
                        .as(file.toString())
                        .allMatch(spark::equals);
                assertThat(all("(?<=seqpe-cli-)\\d.*(?=\\.jar)", text))
                        .as(file.toString())
                        .allMatch(version::equals);
            }
        }
        assertThat(seen).contains("org.seqpe.cli.Seqpe", "--add-modules jdk.incubator.vector");
    }

    private static String find(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static List<String> all(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(result -> result.group())
                .toList();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no POSIX shell")
    void scriptsParse() throws Exception {
        assertThat(files(".sh")).hasSizeGreaterThan(5);
        for (Path script : files(".sh")) {
            assertThat(status("sh", "-n", script.toString()))
                    .as(script.toString())
                    .isZero();
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no POSIX shell")
    void shellcheckFindsNothing() throws Exception {
        boolean installed;
        try {
            installed = status("shellcheck", "--version") == 0;
        } catch (IOException missing) {
            installed = false;
        }
        assumeTrue(installed, "shellcheck is there");
        List<String> command = new ArrayList<>(List.of("shellcheck", "-x", "-P", "SCRIPTDIR"));
        files(".sh").forEach(script -> command.add(script.toString()));
        assertThat(status(command.toArray(String[]::new))).isZero();
    }

    @Test
    void theWorkflowIsPython() throws Exception {
        boolean python;
        try {
            python = status("python3", "--version") == 0;
        } catch (IOException missing) {
            python = false;
        }
        assumeTrue(python, "python3 is there");
        for (Path workflow : files(".py")) {
            assertThat(status(
                            "python3",
                            "-c",
                            "import ast, sys; ast.parse(open(sys.argv[1]).read())",
                            workflow.toString()))
                    .as(workflow.toString())
                    .isZero();
        }
    }

    private static int status(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
