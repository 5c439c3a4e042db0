package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * What a build with -Pdist makes, and a Spark to run {@code cluster-lib} on, from the class path of this test: links to
 * jars of the local Maven repository, and jars of class folders.
 */
final class Distribution {
    static final Path DEPLOY = Path.of("../../deploy").toAbsolutePath().normalize();
    private static final Path SETTINGS = Path.of("src/main/dist");

    private Distribution() {}

    /** Makes lib and the files beside it, all that {@code deploy/standalone} needs. */
    static void whole(Path folder) throws IOException {
        Path lib = Files.createDirectories(folder.resolve("lib"));
        for (Path entry : classPath()) {
            put(entry, lib);
        }
        String modules = found("<jvm.modules>(.*)</jvm.modules>", Files.readString(Path.of("../../pom.xml")));
        Files.writeString(
                folder.resolve("jvm.options"),
                Files.readString(SETTINGS.resolve("jvm.options")).replace("${jvm.modules}", modules));
        Files.copy(SETTINGS.resolve("log4j2.properties"), folder.resolve("log4j2.properties"));
    }

    /** Makes cluster-lib as the POM has it, and spark-jars of what it leaves to Spark, with Spark's YARN client. */
    static void forCluster(Path folder) throws IOException {
        Path ours = Files.createDirectories(folder.resolve("cluster-lib"));
        Path sparks = Files.createDirectories(folder.resolve("spark-jars"));
        String pom = Files.readString(Path.of("pom.xml"));
        List<Path> groups = Arrays.stream(
                        found("<excludeGroupIds>(.*)</excludeGroupIds>", pom).split(","))
                .map(group -> Path.of(group.replace('.', '/')))
                .toList();
        List<String> artifacts = List.of(
                found("<excludeArtifactIds>(.*)</excludeArtifactIds>", pom).split(","));
        for (Path entry : classPath()) {
            // GROUP/ARTIFACT/VERSION/FILE
            Path artifact = entry.getParent().getParent();
            boolean isSparks = Files.isRegularFile(entry)
                    && (artifacts.contains(artifact.getFileName().toString())
                            || groups.stream().anyMatch(artifact.getParent()::endsWith));
            put(entry, isSparks ? sparks : ours);
        }
        try (Stream<Path> yarn = Files.list(Path.of("target/spark-yarn").toAbsolutePath())) {
            yarn.forEach(jar -> link(jar, sparks));
        }
    }

    /** Without the classes of tests, and without the servers of Hadoop that run in the JVM of tests. */
    private static List<Path> classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(path.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath())
                .distinct()
                .filter(Files::exists)
                .filter(entry ->
                        !entry.endsWith("test-classes") && !entry.toString().contains("hadoop-client-minicluster"))
                .toList();
    }

    private static void put(Path entry, Path lib) {
        if (Files.isRegularFile(entry)) {
            link(entry, lib);
        } else {
            // modules/NAME/target/classes
            Path jar = lib.resolve("seqpe-" + entry.getParent().getParent().getFileName() + "-classes.jar");
            assertThat(ToolProvider.findFirst("jar")
                            .orElseThrow()
                            .run(
                                    System.out,
                                    System.err,
                                    "--create",
                                    "--file",
                                    jar.toString(),
                                    "-C",
                                    entry.toString(),
                                    "."))
                    .isZero();
        }
    }

    private static void link(Path jar, Path lib) {
        try {
            Files.createSymbolicLink(lib.resolve(jar.getFileName()), jar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }
}
