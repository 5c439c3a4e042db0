package org.seqpe.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The machine code in the repository is that of the sources beside it. */
class KernelImageTest {
    private static final Path SOURCES = Path.of("src/main/cuda");

    @Test
    void theMachineCodeWasMadeFromTheSources() throws Exception {
        StringBuilder sums = new StringBuilder();
        for (String file : files()) {
            sums.append(sha256(Files.readAllBytes(SOURCES.resolve(file))))
                    .append("  ")
                    .append(file)
                    .append('\n');
        }
        try (InputStream in = KernelImage.class.getResourceAsStream("kernels.sources")) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip())
                    .as(
                            "the sources of kernels.fatbin; after a change of the kernels run build.sh code, which needs nvcc")
                    .isEqualTo(sha256(sums.toString().getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** As build.sh lists them. */
    private static List<String> files() throws Exception {
        try (Stream<Path> files = Files.list(SOURCES)) {
            List<String> headers = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".cuh"))
                    .sorted()
                    .map(name -> "./" + name)
                    .collect(Collectors.toList());
            headers.add("exports.cu");
            return headers;
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** ELF or a fat binary: what cuModuleLoadData takes. */
    @Test
    void theMachineCodeIsAFatBinary() {
        byte[] image = KernelImage.load();
        assertThat(HexFormat.of().formatHex(image, 0, 4)).isEqualTo("50ed55ba");
    }
}
