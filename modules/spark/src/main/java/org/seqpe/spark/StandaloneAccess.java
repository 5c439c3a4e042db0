package org.seqpe.spark;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.rpc.RpcAddress;
import org.apache.spark.rpc.RpcEnv;
import org.seqpe.core.UserException;
import scala.Option;

/**
 * Who may use a standalone cluster: whoever has its shared secret. {@code deploy/standalone/start.sh} makes the secret;
 * this class reads it. It also contacts the master before a session is created, because Spark itself tries a master for
 * a minute and then reports it as unresponsive, whatever the reason.
 */
public final class StandaloneAccess {
    /** Names the file with the secret. */
    public static final String SECRET_FILE = "SEQPE_SECRET_FILE";

    private static final String PREFIX = "spark://";
    private static final String MASTER_ENDPOINT = "Master";
    private static final String SECRET = "spark.authenticate.secret";
    private static final Set<PosixFilePermission> OWNERS =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
    /** How long to wait for a master that is restarting. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final long PAUSE_MILLIS = 500;

    private StandaloneAccess() {}

    /** Whether a Spark master is a standalone one. */
    public static boolean isStandalone(String master) {
        return master != null && master.startsWith(PREFIX);
    }

    /**
     * Spark's settings for a cluster with a secret: authentication, and encryption of everything between its processes
     * with AES.
     *
     * @throws UserException where the file cannot be read, is empty, or can be read by others
     */
    public static Map<String, String> settings(Path file) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("spark.authenticate", "true");
        settings.put(SECRET, read(file));
        settings.put("spark.network.crypto.enabled", "true");
        settings.put("spark.network.crypto.saslFallback", "false");
        settings.put("spark.network.crypto.authEngineVersion", "2");
        return settings;
    }

    private static String read(Path file) {
        try {
            if (Files.getFileStore(file).supportsFileAttributeView("posix")
                    && !OWNERS.containsAll(Files.getPosixFilePermissions(file))) {
                throw new UserException(
                        "Cannot use the secret in " + file
                                + ": expected a file that only its owner can read, found one that others can; chmod 600 it, and make a new secret if others have seen it.");
            }
            String secret = Files.readString(file).strip();
            if (secret.isEmpty()) {
                throw new UserException("Cannot use the secret in " + file
                        + ": the file is empty; copy it again from the machine of the cluster's master.");
            }
            return secret;
        } catch (IOException e) {
            throw new UserException(
                    "Cannot read the cluster's secret from " + file + " ("
                            + e.getClass().getSimpleName().replace("Exception", "")
                            + "); copy it from the machine of the cluster's master, "
                            + "for this user alone, or name another file in " + SECRET_FILE + ".",
                    e);
        }
    }

    /**
     * Checks that the master, or one of several, accepts our connection.
     *
     * @param conf the application's settings, with a standalone master
     * @throws UserException where none answers, or none accepts our secret or that we have none
     */
    static void require(SparkConf conf) {
        String master = conf.get("spark.master");
        String[] addresses = master.substring(PREFIX.length()).split(",");
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            Throwable failure = null;
            for (String address : addresses) {
                failure = ask(conf, RpcAddress.fromSparkURL(PREFIX + address));
                if (failure == null) {
                    return;
                }
                if (!isUnreachable(failure)) {
                    throw refused(conf, master, failure);
                }
            }
            if (has(failure, UnknownHostException.class) || System.nanoTime() > end) {
                throw new UserException(
                        "Cannot reach the Spark master " + master + ": expected one that answers, found "
                                + last(failure) + "; start the cluster, or name another master.",
                        failure);
            }
            pause();
        }
    }

    /** Null where the master answers. */
    private static Throwable ask(SparkConf application, RpcAddress master) {
        SparkConf conf =
                application.clone().set("spark.rpc.lookupTimeout", "15s").set("spark.network.timeout", "15s");
        SecurityManager security =
                new SecurityManager(conf, Option.empty(), SecurityManager.$lessinit$greater$default$3());
        RpcEnv env = RpcEnv.create("seqpe-access", "localhost", -1, conf, security, true);
        try {
            env.setupEndpointRef(master, MASTER_ENDPOINT);
            return null;
        } catch (Exception e) {
            // Scala throws checked exceptions that no signature names.
            return e;
        } finally {
            env.shutdown();
            env.awaitTermination();
        }
    }

    private static boolean isUnreachable(Throwable failure) {
        return has(failure, ConnectException.class)
                || has(failure, UnknownHostException.class)
                || has(failure, java.nio.channels.UnresolvedAddressException.class);
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static UserException refused(SparkConf conf, String master, Throwable failure) {
        boolean secret = conf.contains(SECRET);
        String expected = secret
                ? "the secret that it was started with, found another one, or a cluster that has none"
                : "the secret that it was started with, found none";
        return new UserException(
                "Cannot use the Spark master " + master + ": it did not accept this program. Expected " + expected
                        + "; copy the secret's file from the "
                        + "machine of the master, for this user alone, and name it in " + SECRET_FILE + ".",
                failure);
    }

    private static String last(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        List<String> lines = message.lines().toList();
        return lines.isEmpty() ? cause.getClass().getSimpleName() : lines.get(0);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for a Spark master", e);
        }
    }
}
